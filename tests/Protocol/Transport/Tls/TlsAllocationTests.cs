using System.Buffers;
using System.IO.Pipelines;
using SlimtaFast.Protocol.Transport;
using SlimtaFast.Protocol.Transport.Tls;
using SlimtaFast.TestKit.Tls;
using static SlimtaFast.Protocol.Tests.Transport.TransportFixture;

namespace SlimtaFast.Protocol.Tests.Transport.Tls;

/// <summary>What a session under TLS allocates when it is warm.</summary>
public sealed class TlsAllocationTests() : TransportTestCase(TransportKind.Reactor), IDisposable
{
    private const int Rounds = 2000;

    private readonly TestCertificates _authority = new();

    [Fact]
    public async Task Round_trip_allocates_no_buffer()
    {
        var settings = new TlsServerSettings { Certificates = new TlsCertificates(_authority.Issue("mx.example")) };
        var allocated = new TaskCompletionSource<long>();
        IListener listener = Transport.Listen(Loopback, async connection =>
        {
            await connection.AuthenticateAsServerAsync(settings, default);
            long before = 0;
            for (int i = 0; i < 2 * Rounds; i++)
            {
                if (i == Rounds)
                    before = GC.GetAllocatedBytesForCurrentThread();
                ReadResult result = await connection.Input.ReadAsync();
                connection.Output.Write(result.Buffer.FirstSpan);
                connection.Input.AdvanceTo(result.Buffer.End);
                await connection.Output.FlushAsync();
            }

            allocated.SetResult(GC.GetAllocatedBytesForCurrentThread() - before);
        });
        await using Connection client = await Transport.ConnectAsync(listener.LocalEndPoint, null, default);
        await client.AuthenticateAsClientAsync(TlsClientSettings.Unchecked, "mx.example", default);
        var octets = new ReadOnlySequence<byte>(Pattern(200));
        for (int i = 0; i < 2 * Rounds; i++)
        {
            await client.SendAsync(octets, default);
            await ReadAsync(client, 200).WaitAsync(Patience);
        }

        // Alone it is under 16 octets; beside other tests 116 were seen, because the pools of arrays and state machines are shared with
        // them. What this bound finds is a buffer or a task for each record.
        Assert.InRange(await allocated.Task.WaitAsync(Patience) / (double)Rounds, 0, 512);
    }

    public void Dispose() => _authority.Dispose();
}
