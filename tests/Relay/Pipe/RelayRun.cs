using System.Text;
using SlimtaFast.Mail;
using SlimtaFast.TestKit;

namespace SlimtaFast.Relay.Tests.Pipe;

/// <summary>One attempt with a relay that runs a program.</summary>
internal static class RelayRun
{
    public static PipeRelay Make(string command, PipeProcessOptions? options = null, TimeProvider? time = null) =>
        new(new PipeRelayOptions { Command = PipeCommand.Parse(command), Process = options ?? new PipeProcessOptions() }, time);

    public static async Task<DeliveryReport> AttemptAsync(IRelay relay, string[] to, MessageContent? content = null, string from = "alice@example.com", CancellationToken cancellationToken = default)
    {
        MessageContent message = content ?? Contents.InMemory();
        Envelope envelope = Envelopes.Make(message, from, to) with { AddedHeaders = Encoding.ASCII.GetBytes("Received: here\r\n") };
        DeliveryReport report = await relay.AttemptAsync(envelope, new DeliveryAttempt(1, envelope.Recipients), cancellationToken);
        message.Release();
        return report;
    }

    public static async Task<DeliveryReport> AttemptAsync(string command, PipeProcessOptions? options = null, params string[] to)
    {
        await using PipeRelay relay = Make(command, options);
        return await AttemptAsync(relay, to.Length == 0 ? ["bob@example.org"] : to);
    }

    public static string ReplyOf(DeliveryReport report) => Assert.Single(report.Outcomes).Reply.ToString();
}
