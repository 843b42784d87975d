using System.Buffers;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Xunit;
using SlimtaFast.Mail;

namespace SlimtaFast.Events.Tests;

public class EventJsonTests
{
    [Fact]
    public void Event_is_one_object_with_what_is_known()
    {
        Assert.Equal(
            """{"time":"2026-11-27T12:00:00Z","event":"delivered","queueId":"00000000000000010000000000000002","sessionId":"0000000000000abc","sender":"alice@example.org","recipient":"bob@example.net","nextHop":"example.net","remote":"mx.example.net","replyCode":250,"enhancedStatus":"2.0.0","replyText":"Ok","attempt":1,"client":"192.0.2.7"}""",
            Write(TestEvents.Make()));
        Assert.Equal(
            """{"time":"2026-11-27T12:00:00Z","event":"refused","reason":"too_many_connections"}""",
            Write(new MailEvent { Time = TestEvents.Noon, Kind = MailEventKind.Refused, Reason = "too_many_connections" }));
    }

    [Fact]
    public void Null_reverse_path_is_told_apart_from_none()
    {
        Assert.Contains("\"sender\":\"\"", Write(TestEvents.Make() with { Sender = Mailbox.Null }), StringComparison.Ordinal);
        Assert.DoesNotContain("sender", Write(TestEvents.Make() with { Sender = null }), StringComparison.Ordinal);
    }

    [Property]
    public bool Nobody_can_forge_a_line(NonNull<string> hop, NonNull<string> remote, NonNull<string> reason)
    {
        string line = Write(TestEvents.Make(text: "two\r\nlines") with { NextHop = hop.Get + "\r\n\0\u001b", RemoteName = remote.Get, Reason = reason.Get });
        using JsonDocument read = JsonDocument.Parse(line);
        return !line.Any(char.IsControl) && read.RootElement.GetProperty("replyText").GetString() == "two\r\nlines";
    }

    private static string Write(MailEvent what)
    {
        var written = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(written, EventJson.Options))
            EventJson.Write(json, what);
        return Encoding.UTF8.GetString(written.WrittenSpan);
    }
}
