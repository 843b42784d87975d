using Microsoft.Extensions.Time.Testing;

namespace SlimtaFast.Mail.Tests;

public class SessionIdTests
{
    [Fact]
    public void Ids_count_up_and_a_later_process_has_others()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 27, 12, 0, 0, TimeSpan.Zero));
        var first = new SessionIdGenerator(time);
        SessionId[] made = [first.Next(), first.Next(), first.Next()];
        Assert.Equal(made.Distinct().OrderBy(id => id.Value), made);
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(new SessionIdGenerator(time).Next().Value > made[^1].Value);
    }

    [Fact]
    public void Printed_form_has_sixteen_hex_digits()
    {
        Assert.Equal("0000000000000abc", new SessionId(0xabc).ToString());
        Assert.Equal("none", default(SessionId).ToString());
    }
}
