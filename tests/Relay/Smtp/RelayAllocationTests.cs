using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using SlimtaFast.Mail;
using SlimtaFast.Protocol.Transport;
using SlimtaFast.TestKit;
using SlimtaFast.TestKit.Connections;

namespace SlimtaFast.Relay.Tests.Smtp;

public sealed class RelayAllocationTests
{
    private static readonly byte[][] Answers =
    [
        "250-x\r\n250-PIPELINING\r\n250 CHUNKING\r\n"u8.ToArray(),
        "250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n250 2.0.0 Ok: queued as 0\r\n"u8.ToArray(),
    ];

    [Fact]
    public void Attempt_over_an_open_connection_allocates_its_report_only()
    {
        SynchronizationContext.SetSynchronizationContext(null);
        var relay = new StaticSmtpRelay(
            new AnsweringTransport(), "192.0.2.1", 25, new SmtpRelayOptions(), null, TimeProvider.System, NullLogger<StaticSmtpRelay>.Instance);
        Envelope envelope = Envelopes.Make(Contents.InMemory());
        var attempt = new DeliveryAttempt(1, envelope.Recipients);
        for (int i = 0; i < 200; i++)
            Attempt(relay, envelope, attempt);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 500; i++)
            Attempt(relay, envelope, attempt);
        // The report, its one outcome, and the array around it.
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 500, 1, 160);
    }

    private static void Attempt(StaticSmtpRelay relay, Envelope envelope, DeliveryAttempt attempt) =>
        Check(relay.AttemptAsync(envelope, attempt, CancellationToken.None));

    private static void Check(ValueTask<DeliveryReport> report)
    {
        Assert.True(report.IsCompletedSuccessfully);
        if (report.GetAwaiter().GetResult().Outcomes[0].Kind != OutcomeKind.Delivered)
            throw new InvalidOperationException("Not delivered.");
    }

    private sealed class AnsweringTransport : ITransport
    {
        public IListener Listen(EndPoint endPoint, Func<Connection, Task> session, UnixFileMode? socketMode = null) => throw new NotSupportedException();

        public ValueTask<Connection> ConnectAsync(EndPoint remote, EndPoint? local, CancellationToken cancellationToken)
        {
            var connection = new AnsweringConnection(waits: false, ["220 x\r\n"u8.ToArray(), .. Answers]);
            connection.Answer();
            return ValueTask.FromResult<Connection>(connection);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
