using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using SlimtaFast.TestKit.Connections;

namespace SlimtaFast.Protocol.Tests.Session;

/// <summary>Clients that stop in the middle of an AUTH exchange: each step has the time of a command and no more.</summary>
public class StalledAuthTests
{
    private static readonly TimeSpan Instant = TimeSpan.FromMilliseconds(1);

    private static readonly SmtpServerOptions Options = Dialogue.Options with
    {
        Auth = new SmtpAuthOptions { Mechanisms = [SaslMechanisms.Plain, SaslMechanisms.Login, SaslMechanisms.ScramSha256], AllowPlaintext = true },
    };

    [Theory]
    [InlineData("AUTH PLAIN\r\n", "334 ")]
    [InlineData("AUTH PLAIN\r\nAHRp", "334 ")]
    [InlineData("AUTH LOGIN\r\n", "334 VXNlcm5hbWU6")]
    [InlineData("AUTH LOGIN\r\ndGlt\r\n", "334 UGFzc3dvcmQ6")]
    [InlineData("AUTH LOGIN\r\ndGlt\r\ncGVuY2ls\r", "334 UGFzc3dvcmQ6")]
    [InlineData("AUTH SCRAM-SHA-256 biwsbj10aW0scj1hYmM=\r\n", "334 ")]
    public async Task Client_that_stalls_behind_a_challenge_hears_421_after_the_command_timeout(string said, string challenge)
    {
        var time = new FakeTimeProvider();
        (MemoryConnection client, MemoryConnection server) = MemoryConnection.CreatePair(time);
        var handler = new RecordingHandler();
        Task<SessionEndReason> session = new SmtpServerSession(server, handler, Options).RunAsync(CancellationToken.None);
        await SayAsync(client, Dialogue.Ehlo + said);
        Assert.StartsWith(challenge, LastLine(Read(client)), StringComparison.Ordinal);

        time.Advance(Options.CommandTimeout - Instant);
        Assert.False(session.IsCompleted);
        Assert.Equal("", Read(client));
        time.Advance(Instant);
        Assert.Equal(SessionEndReason.Timeout, await session);
        Assert.StartsWith("421 4.4.2 ", LastLine(Read(client)), StringComparison.Ordinal);
        Assert.Equal([SessionEndReason.Timeout], handler.Ends);
        await client.DisposeAsync();
    }

    [Fact]
    public async Task Octet_now_and_then_buys_no_time_but_an_answer_does()
    {
        var time = new FakeTimeProvider();
        (MemoryConnection client, MemoryConnection server) = MemoryConnection.CreatePair(time);
        Task<SessionEndReason> session = new SmtpServerSession(server, new RecordingHandler(), Options).RunAsync(CancellationToken.None);
        await SayAsync(client, Dialogue.Ehlo + "AUTH LOGIN\r\n");
        time.Advance(Options.CommandTimeout - Instant);
        await SayAsync(client, "dGlt\r\n");
        Assert.Equal("334 UGFzc3dvcmQ6", LastLine(Read(client)));
        foreach (string octet in (string[])["c", "G", "V"])
        {
            time.Advance((Options.CommandTimeout - Instant) / 3);
            await SayAsync(client, octet);
            Assert.False(session.IsCompleted);
        }

        time.Advance(Instant);
        Assert.Equal(SessionEndReason.Timeout, await session);
        Assert.StartsWith("421 4.4.2 ", LastLine(Read(client)), StringComparison.Ordinal);
        await client.DisposeAsync();
    }

    private static async Task SayAsync(MemoryConnection client, string text) => await client.Output.WriteAsync(Encoding.ASCII.GetBytes(text));

    // What has come; the two ends run on this thread, so nothing is under way.
    private static string Read(MemoryConnection client)
    {
        if (!client.Input.TryRead(out ReadResult read))
            return "";
        string text = Encoding.ASCII.GetString(read.Buffer.ToArray());
        client.Input.AdvanceTo(read.Buffer.End);
        return text;
    }

    private static string LastLine(string replies) => replies.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).LastOrDefault("");
}
