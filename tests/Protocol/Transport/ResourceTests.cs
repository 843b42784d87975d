using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Time.Testing;
using SlimtaFast.Protocol.Transport;
using static SlimtaFast.Protocol.Tests.Transport.TransportFixture;

namespace SlimtaFast.Protocol.Tests.Transport;

/// <summary>What the transport takes of memory and descriptors. Alone in the process while it runs, since it counts.</summary>
[Collection(nameof(ResourceTests))]
[CollectionDefinition(nameof(ResourceTests), DisableParallelization = true)]
public sealed partial class ResourceTests
{
    private const int DescriptorLimit = 7;

    [Fact]
    public async Task Round_trip_on_the_steady_path_allocates_nothing()
    {
        const int WarmUp = 2000;
        const int Rounds = 1000;
        await using ITransport transport = Transports.Create(new TransportOptions { Kind = TransportKind.Reactor, Reactors = 1 }, TimeProvider.System);
        var allocated = new TaskCompletionSource<long>();
        IListener listener = transport.Listen(Loopback, async connection =>
        {
            long before = 0;
            for (int round = 0; round < WarmUp + Rounds; round++)
            {
                if (round == WarmUp)
                {
                    before = GC.GetAllocatedBytesForCurrentThread();
                }

                connection.SetDeadline(TimeSpan.FromSeconds(30));
                ReadResult result = await connection.Input.ReadAsync();
                connection.Input.AdvanceTo(result.Buffer.End);
                connection.Output.GetSpan(8)[..8].Fill((byte)'x');
                connection.Output.Advance(8);
                await connection.Output.FlushAsync();
            }

            allocated.SetResult(GC.GetAllocatedBytesForCurrentThread() - before);
        });
        using Socket socket = await ConnectAsync(listener.LocalEndPoint);
        byte[] bytes = new byte[8];
        for (int round = 0; round < WarmUp + Rounds; round++)
        {
            await socket.SendAsync(bytes.AsMemory());
            await ReceiveAsync(socket, 8);
        }

        // Tiering may compile a method in between, on another thread; what runs on this one allocates nothing.
        Assert.Equal(0, await allocated.Task.WaitAsync(Patience));
    }

    [Theory]
    [InlineData(TransportKind.Reactor)]
    [InlineData(TransportKind.Sockets)]
    public async Task Idle_connection_costs_well_below_five_kilobytes(TransportKind kind)
    {
        const int Count = 1000;
        await using ITransport transport = Transports.Create(new TransportOptions { Kind = kind, Reactors = 2 }, TimeProvider.System);
        int started = 0;
        var all = new TaskCompletionSource();
        IListener listener = transport.Listen(Loopback, async connection =>
        {
            connection.SetDeadline(TimeSpan.FromSeconds(300));
            await WriteAsync(connection, "220\r\n"u8.ToArray());
            if (Interlocked.Increment(ref started) == Count)
            {
                all.SetResult();
            }

            await EchoAsync(connection);
        });
        var sockets = new Socket[Count];
        for (int i = 0; i < Count; i++)
        {
            sockets[i] = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        }

        long before = GC.GetTotalMemory(forceFullCollection: true);
        foreach (Socket socket in sockets)
        {
            socket.Connect(listener.LocalEndPoint);
        }

        await all.Task.WaitAsync(Patience);
        long each = (GC.GetTotalMemory(forceFullCollection: true) - before) / Count;
        foreach (Socket socket in sockets)
        {
            socket.Dispose();
        }

        Assert.InRange(each, 0, 4000);
    }

    [Theory]
    [InlineData(TransportKind.Reactor)]
    [InlineData(TransportKind.Sockets)]
    public async Task All_descriptors_are_closed_at_the_end(TransportKind kind)
    {
        await UseTransportAsync(kind);
        int before = CountDescriptors();
        await UseTransportAsync(kind);
        Assert.True(CountDescriptors() <= before, "descriptors were left open");
    }

    [Fact]
    public async Task Descriptors_nearly_spent_new_connections_wait_and_a_reserve_stays_free()
    {
        const int Room = 60;
        var paused = new TaskCompletionSource();
        var time = new FakeTimeProvider();
        var options = new TransportOptions { Kind = TransportKind.Reactor, Reactors = 1, ReservedDescriptors = 20, UnobservedFault = fault => paused.TrySetResult() };
        await using ITransport transport = Transports.Create(options, time);
        GetLimit(DescriptorLimit, out Limits limits);
        var lowered = new Limits { Soft = (nuint)CountDescriptors() + Room, Hard = limits.Hard };
        Assert.Equal(0, SetLimit(DescriptorLimit, in lowered));
        var sockets = new List<Socket>();
        try
        {
            IListener listener = transport.Listen(Loopback, EchoAsync);
            while (!paused.Task.IsCompleted)
            {
                sockets.Add(await ConnectAsync(listener.LocalEndPoint));
                await sockets[^1].SendAsync(new byte[1].AsMemory());
                await Task.WhenAny(ReceiveAsync(sockets[^1], 1), paused.Task);
            }

            // Both ends live in this process. A file can still be opened, and a late connection is accepted when others have gone.
            using (File.OpenRead("/dev/null"))
            {
            }

            Socket late = await ConnectAsync(listener.LocalEndPoint);
            await late.SendAsync(new byte[1].AsMemory());
            sockets.ForEach(static socket => socket.Dispose());
            sockets.Clear();
            sockets.Add(late);
            Task<byte[]> receiving = ReceiveAsync(late, 1);
            while (!receiving.IsCompleted)
            {
                time.Advance(TimeSpan.FromMilliseconds(100));
                await Task.Yield();
            }

            await receiving;
        }
        finally
        {
            SetLimit(DescriptorLimit, in limits);
            sockets.ForEach(static socket => socket.Dispose());
        }
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out Limits limits);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, in Limits limits);

    private static async Task UseTransportAsync(TransportKind kind)
    {
        await using ITransport transport = Transports.Create(new TransportOptions { Kind = kind, Reactors = 2 }, TimeProvider.System);
        IListener listener = transport.Listen(Loopback, EchoAsync);
        for (int i = 0; i < 50; i++)
        {
            Connection client = await transport.ConnectAsync(listener.LocalEndPoint, null, default);
            await WriteAsync(client, new byte[10]);
            switch (i % 3)
            {
                case 0:
                    await client.DisposeAsync();
                    break;
                case 1:
                    client.Abort();
                    await client.DisposeAsync();
                    break;
                default:
                    await ReadAsync(client, 10);
                    await client.Output.CompleteAsync();
                    await client.DisposeAsync();
                    break;
            }
        }

        await listener.DisposeAsync();
        EndPoint gone = listener.LocalEndPoint;
        await Assert.ThrowsAsync<SocketException>(async () => await transport.ConnectAsync(gone, null, default));
        using var cancellation = new CancellationTokenSource();
        Task<Connection> connecting = transport.ConnectAsync(gone, null, cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => connecting);
    }

    private struct Limits
    {
        public nuint Soft;
        public nuint Hard;
    }

    private static int CountDescriptors()
    {
        // Sockets of earlier tests that nobody disposed would be closed at any moment.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return Directory.GetFiles("/proc/self/fd").Length;
    }
}
