using BenchmarkDotNet.Attributes;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;

namespace SlimtaFast.Micro.Relay;

/// <summary>A message over an open session, without any socket: what the client side of the protocol costs by itself.</summary>
[MemoryDiagnoser]
public class ClientSessionBenchmarks
{
    private Func<ValueTask<SmtpTransactionResult>> _send = null!;
    private Envelope _envelope = null!;

    /// <summary>Whether the server offers CHUNKING; without it DATA takes a second round.</summary>
    [Params(false, true)]
    public bool Chunking { get; set; }

    /// <summary>Opens the session.</summary>
    [GlobalSetup]
    public async Task OpenAsync()
    {
        byte[] hello = Chunking ? "250-x\r\n250-PIPELINING\r\n250 CHUNKING\r\n"u8.ToArray() : "250-x\r\n250 PIPELINING\r\n"u8.ToArray();
        byte[] answers = "250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n250 2.0.0 Ok: queued as 0\r\n"u8.ToArray();
        var connection = Chunking
            ? new AnsweringConnection("220 x\r\n"u8.ToArray(), hello, answers)
            : new AnsweringConnection("220 x\r\n"u8.ToArray(), hello, "250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n354 go\r\n"u8.ToArray(), "250 2.0.0 Ok\r\n"u8.ToArray());
        // Lives as long as the process: a connection without a socket has nothing to give back.
        var session = new SmtpClientSession(connection, new SmtpClientOptions());
        await session.OpenAsync(CancellationToken.None);
        _send = () => session.SendAsync(_envelope, _envelope.Recipients, false, CancellationToken.None);
        using var writer = new PooledContentWriter(default, int.MaxValue, null, static _ => throw new InvalidOperationException("It stays in memory."));
        await writer.WriteAsync(new byte[4096], CancellationToken.None);
        _envelope = new Envelope
        {
            Id = default,
            ReversePath = Mailbox.Parse("sender@x.example"),
            Recipients = [new Recipient(Mailbox.Parse("recipient@y.example"))],
            Content = await writer.CompleteAsync(ContentTraits.None, CancellationToken.None),
            ReceivedAt = default,
            Client = new ClientFacts(),
        };
    }

    /// <summary>One transaction.</summary>
    [Benchmark]
    public async ValueTask<bool> SendAsync()
    {
        SmtpTransactionResult result = await _send();
        return result.Failure == SmtpClientFailure.None;
    }
}
