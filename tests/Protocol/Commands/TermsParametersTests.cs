using System.Globalization;
using System.Text;
using FsCheck.Xunit;
using SlimtaFast.Mail;
using SlimtaFast.Protocol.Commands;
using SlimtaFast.Protocol.Replies;

namespace SlimtaFast.Protocol.Tests.Commands;

public class TermsParametersTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 14, 15, 9, 26, TimeSpan.Zero);
    private static readonly TimeSpan Week = TimeSpan.FromDays(7);

    [Theory]
    [InlineData("BY=120;R", 120, DeliverByMode.Return, false, false)]
    [InlineData("by=+5;rt", 5, DeliverByMode.Return, true, false)]
    [InlineData("BY=120;N", 120, DeliverByMode.Notify, false, false)]
    [InlineData("BY=0;NT", 0, DeliverByMode.Notify, true, true)]
    [InlineData("BY=-999999999;N", -999_999_999, DeliverByMode.Notify, false, true)]
    [InlineData("BY=999999999;R", 999_999_999, DeliverByMode.Return, false, false)]
    public void A_deadline_is_counted_from_mail(string text, int seconds, DeliverByMode mode, bool trace, bool isPast)
    {
        DeliveryTerms terms = Read(text)!;

        Assert.Equal(new DeliverBy(Now.AddSeconds(seconds), mode, trace, isPast), terms.By);
        Assert.Null(terms.HoldUntil);
        Assert.Equal(0, terms.Priority);
    }

    [Theory]
    [InlineData("HOLDFOR=1", "2026-03-14T15:09:27Z")]
    [InlineData("holdfor=604800", "2026-03-21T15:09:26Z")]
    [InlineData("HOLDUNTIL=2026-03-15T00:00:00Z", "2026-03-15T00:00:00Z")]
    [InlineData("HOLDUNTIL=2026-03-15t00:00:00z", "2026-03-15T00:00:00Z")]
    [InlineData("HOLDUNTIL=2026-03-15T00:00:00.25Z", "2026-03-15T00:00:00.25Z")]
    [InlineData("HOLDUNTIL=2026-03-15T00:00:00-05:30", "2026-03-15T05:30:00Z")]
    public void A_release_time_is_read(string text, string expected) =>
        Assert.Equal(DateTimeOffset.Parse(expected, CultureInfo.InvariantCulture), Read(text)!.HoldUntil);

    [Theory]
    [InlineData("MT-PRIORITY=9", 9)]
    [InlineData("mt-priority=-9", -9)]
    [InlineData("MT-PRIORITY=-1", -1)]
    public void A_priority_is_read(string text, int expected) => Assert.Equal(expected, Read(text)!.Priority);

    [Fact]
    public void The_usual_priority_is_no_terms_at_all() => Assert.Null(Read("MT-PRIORITY=0"));

    [Theory]
    [InlineData("BY", "BadParameter")]
    [InlineData("BY=", "BadParameter")]
    [InlineData("BY=120", "BadParameter")]
    [InlineData("BY=;R", "BadParameter")]
    [InlineData("BY=-;N", "BadParameter")]
    [InlineData("BY=120;", "BadParameter")]
    [InlineData("BY=120;X", "BadParameter")]
    [InlineData("BY=120;T", "BadParameter")]
    [InlineData("BY=120;RN", "BadParameter")]
    [InlineData("BY=120;RTT", "BadParameter")]
    [InlineData("BY=1000000000;N", "BadParameter")]
    [InlineData("BY=99999999999999999999;N", "BadParameter")]
    [InlineData("BY=0;R", "BadParameter")]
    [InlineData("BY=-1;R", "BadParameter")]
    [InlineData("BY=--1;N", "BadParameter")]
    [InlineData("BY=1.5;N", "BadParameter")]
    [InlineData("BY=1;N BY=1;N", "RepeatedParameter")]
    [InlineData("HOLDFOR", "BadParameter")]
    [InlineData("HOLDFOR=0", "BadParameter")]
    [InlineData("HOLDFOR=-1", "BadParameter")]
    [InlineData("HOLDFOR=1000000000", "BadParameter")]
    [InlineData("HOLDFOR=1 HOLDFOR=1", "RepeatedParameter")]
    [InlineData("HOLDFOR=1 HOLDUNTIL=2026-03-15T00:00:00Z", "RepeatedParameter")]
    [InlineData("HOLDUNTIL=2026-03-15", "BadParameter")]
    [InlineData("HOLDUNTIL=2026-03-15T00:00:00", "BadParameter")]
    [InlineData("HOLDUNTIL=2026-02-30T00:00:00Z", "BadParameter")]
    [InlineData("HOLDUNTIL=2026-03-15T25:00:00Z", "BadParameter")]
    [InlineData("HOLDUNTIL=yesterday-or-so-at-noon", "BadParameter")]
    [InlineData("MT-PRIORITY=", "BadParameter")]
    [InlineData("MT-PRIORITY=10", "BadParameter")]
    [InlineData("MT-PRIORITY=-10", "BadParameter")]
    [InlineData("MT-PRIORITY=+1", "BadParameter")]
    [InlineData("MT-PRIORITY=-0", "BadParameter")]
    [InlineData("MT-PRIORITY=00", "BadParameter")]
    [InlineData("MT-PRIORITY=a", "BadParameter")]
    [InlineData("MT-PRIORITY=1 MT-PRIORITY=1", "RepeatedParameter")]
    public void A_bad_parameter_is_refused(string text, string error) =>
        Assert.Equal(error, MailParameters.TryParse(Encoding.ASCII.GetBytes(text), MailOffers.All, out _).ToString());

    [Theory]
    [InlineData("BY=1;N", "DeliverBy")]
    [InlineData("HOLDFOR=1", "FutureRelease")]
    [InlineData("HOLDUNTIL=2026-03-15T00:00:00Z", "FutureRelease")]
    [InlineData("MT-PRIORITY=1", "Priority")]
    public void A_parameter_of_what_is_not_offered_is_unknown(string text, string offer)
    {
        MailOffers others = MailOffers.All & ~Enum.Parse<MailOffers>(offer);

        Assert.Equal(Canned.UnknownParameter, MailParameters.TryParse(Encoding.ASCII.GetBytes(text), others, out _));
    }

    [Theory]
    [InlineData("HOLDFOR=604801", "BadHoldTime")]
    [InlineData("HOLDUNTIL=2026-03-21T15:09:27Z", "BadHoldTime")]
    [InlineData("HOLDUNTIL=2026-03-14T15:09:26Z", "BadHoldTime")]
    [InlineData("HOLDUNTIL=1999-01-01T00:00:00Z", "BadHoldTime")]
    [InlineData("BY=9;R", "BadDeliverBy")]
    [InlineData("BY=60;R HOLDFOR=60", "BadDeliverBy")]
    public void A_time_that_cannot_be_kept_is_refused(string text, string error)
    {
        Assert.Equal(Canned.None, MailParameters.TryParse(Encoding.ASCII.GetBytes(text), MailOffers.All, out MailParameters parameters));
        Assert.Null(parameters.Terms.Resolve(Now, Week, TimeSpan.FromSeconds(10), out Canned found));
        Assert.Equal(error, found.ToString());
    }

    [Property(MaxTest = 500)]
    public void What_is_written_is_read(int seconds, bool returns, bool trace, int priority, int hold)
    {
        seconds = returns ? Math.Abs(seconds % 999_999_998) + 1 : seconds % 1_000_000_000;
        priority = Math.Abs(priority % 19) - 9;
        hold = Math.Abs(hold % 999_999_999);
        string text = $"BY={seconds};{(returns ? 'R' : 'N')}{(trace ? "T" : "")} MT-PRIORITY={priority}" + (hold > 0 && !returns ? $" HOLDFOR={hold}" : "");

        Assert.Equal(Canned.None, MailParameters.TryParse(Encoding.ASCII.GetBytes(text), MailOffers.All, out MailParameters parameters));
        DeliveryTerms terms = parameters.Terms.Resolve(Now, TimeSpan.FromSeconds(999_999_999), TimeSpan.Zero, out _)!;
        Assert.Equal(seconds, terms.By!.GetSecondsLeft(Now));
        Assert.Equal((returns, trace, priority), (terms.By.Mode == DeliverByMode.Return, terms.By.Trace, terms.Priority));
        Assert.Equal(hold > 0 && !returns ? Now.AddSeconds(hold) : null, terms.HoldUntil);
    }

    [Property(MaxTest = 2000)]
    public void No_text_throws(byte[] text)
    {
        foreach (string keyword in new[] { "BY=", "HOLDFOR=", "HOLDUNTIL=", "MT-PRIORITY=" })
        {
            if (MailParameters.TryParse([.. Encoding.ASCII.GetBytes(keyword), .. text], MailOffers.All, out MailParameters parameters) == Canned.None)
                parameters.Terms.Resolve(Now, Week, TimeSpan.Zero, out _);
        }
    }

    private static DeliveryTerms? Read(string text)
    {
        Assert.Equal(Canned.None, MailParameters.TryParse(Encoding.ASCII.GetBytes(text), MailOffers.All, out MailParameters parameters));
        DeliveryTerms? terms = parameters.Terms.Resolve(Now, Week, TimeSpan.Zero, out Canned error);
        Assert.Equal(Canned.None, error);
        return terms;
    }
}
