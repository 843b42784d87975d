using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using SlimtaFast.Mail;
using SlimtaFast.Protocol.Transport;
using SlimtaFast.Relay;
using SlimtaFast.TestKit;

namespace SlimtaFast.EndToEnd.Tests.Wire;

/// <summary>
/// What an embedder queues by a library call, whatever mix of line ends it holds around a dot, leaves as exactly one message, or not at
/// all: no content can end DATA early. Octets change only where the hop cannot take them: a bare line end is made whole for a hop
/// without BINARYMIME, and a body is encoded anew for one without 8BITMIME.
/// </summary>
public sealed class OutboundSmugglingTests : IAsyncLifetime
{
    private const string Smuggled = "MAIL FROM:<evil@smuggled.test>\r\nRCPT TO:<victim@smuggled.test>\r\nDATA\r\nSubject: smuggled\r\n\r\nsecond\r\n.\r\n";

    private readonly ITransport _transport = Transports.Create(new TransportOptions { Reactors = 1 }, TimeProvider.System);

    public static TheoryData<string> Hops => ["", "8BITMIME", "PIPELINING 8BITMIME", "PIPELINING 8BITMIME CHUNKING", "PIPELINING 8BITMIME CHUNKING BINARYMIME"];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _transport.DisposeAsync();

    [Theory]
    [MemberData(nameof(Hops))]
    public async Task Content_leaves_as_one_message_or_not_at_all(string keywords)
    {
        string[] offered = keywords.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        await using var hop = new RecordingHop(offered);
        await using var relay = new StaticSmtpRelay(_transport, "127.0.0.1", hop.Port, new SmtpRelayOptions(), null, TimeProvider.System, NullLogger<StaticSmtpRelay>.Instance);
        foreach ((string before, string after) in DotMixes.Sides.SelectMany(static before => DotMixes.Sides.Select(after => (before, after))))
        {
            byte[] bytes = Encoding.Latin1.GetBytes($"Subject: first\r\n\r\nfirst{before}.{after}{Smuggled}");
            await SendAsync(relay, hop, Contents.InMemory(bytes), bytes, offered);
            await SendAsync(relay, hop, new StreamedContent(bytes, mostPerRead: 7), bytes, offered);
        }
    }

    private static async Task SendAsync(StaticSmtpRelay relay, RecordingHop hop, MessageContent content, byte[] bytes, string[] offered)
    {
        ContentTraits traits = content.Traits;
        Envelope envelope = Envelopes.Make(content);
        DeliveryReport report = await relay.AttemptAsync(envelope, new DeliveryAttempt(1, envelope.Recipients), CancellationToken.None);
        content.Release();

        bool hasArrived = hop.Messages.TryRead(out HopMessage? message);
        Assert.Equal(report.Outcomes[0].Kind == OutcomeKind.Delivered, hasArrived);
        Assert.False(hop.Messages.TryRead(out _));
        if (!hasArrived)
        {
            // Only what the hop has no means for may stay here, and then for good.
            Assert.Equal(OutcomeKind.Permanent, report.Outcomes[0].Kind);
            Assert.NotEqual(ContentTraits.None, traits & (ContentTraits.BareLineEnd | ContentTraits.EightBit | ContentTraits.Nul));
            return;
        }

        Assert.Equal(["RCPT TO:<bob@example.org>"], message!.Commands.Where(static c => c.StartsWith("RCPT", StringComparison.Ordinal)));
        bool isConverted = ((traits & ContentTraits.EightBit) != 0 && !offered.Contains("8BITMIME"))
            || ((traits & ContentTraits.BareLineEnd) != 0 && !offered.Contains("BINARYMIME"));
        if (isConverted)
        {
            Assert.StartsWith("Subject: first\r\n", message.Text, StringComparison.Ordinal);
            Assert.Equal(ContentTraits.None, Contents.TraitsOf(message.Octets) & ContentTraits.BareLineEnd);
            return;
        }

        byte[] expected = (traits & ContentTraits.NoFinalLineEnd) != 0 && !offered.Contains("CHUNKING") ? [.. bytes, .. "\r\n"u8] : bytes;
        Assert.True(message.Is(expected), message.Text);
    }
}
