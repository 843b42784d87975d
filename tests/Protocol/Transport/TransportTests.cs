using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using SlimtaFast.Protocol.Transport;
using static SlimtaFast.Protocol.Tests.Transport.TransportFixture;

namespace SlimtaFast.Protocol.Tests.Transport;

/// <summary>Listening and connecting, alike for every transport.</summary>
public abstract class TransportTests(TransportKind kind) : TransportTestCase(kind)
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 100)]
    [InlineData(100, 1460)]
    [InlineData(16 * 1024, 16 * 1024)]
    [InlineData((16 * 1024) + 1, 7)]
    [InlineData(64 * 1024, 5000)]
    [InlineData(3_000_000, 1_000_000)]
    public async Task Echo_any_size_and_split_returns_the_bytes(int size, int split)
    {
        IListener listener = Transport.Listen(Loopback, EchoAsync);
        using Socket socket = await ConnectAsync(listener.LocalEndPoint);
        byte[] sent = Pattern(size);
        Task<byte[]> receiving = ReceiveAllAsync(socket);
        for (int i = 0; i < size; i += split)
        {
            await socket.SendAsync(sent.AsMemory(i, Math.Min(split, size - i)));
        }

        socket.Shutdown(SocketShutdown.Send);
        Assert.Equal(sent, await receiving);
    }

    [Fact]
    public async Task Connections_a_thousand_at_once_are_all_served()
    {
        IListener listener = Transport.Listen(Loopback, EchoAsync);
        var sockets = new Socket[1000];
        for (int i = 0; i < sockets.Length; i++)
        {
            sockets[i] = await ConnectAsync(listener.LocalEndPoint);
        }

        await Task.WhenAll(sockets.Select(async (socket, i) =>
        {
            byte[] sent = Pattern(1 + (i % 50));
            await socket.SendAsync(sent.AsMemory());
            Assert.Equal(sent, await ReceiveAsync(socket, sent.Length));
        }));

        foreach (Socket socket in sockets)
        {
            socket.Dispose();
        }
    }

    [Fact]
    public async Task Connect_both_sides_see_the_same_addresses()
    {
        var server = new TaskCompletionSource<(EndPoint?, EndPoint?)>();
        IListener listener = Transport.Listen(Loopback, connection =>
        {
            server.SetResult((connection.RemoteEndPoint, connection.LocalEndPoint));
            return EchoAsync(connection);
        });
        await using Connection client = await Transport.ConnectAsync(listener.LocalEndPoint, null, default);
        (EndPoint? remote, EndPoint? local) = await server.Task.WaitAsync(Patience);
        Assert.Equal(client.LocalEndPoint, remote);
        Assert.Equal(client.RemoteEndPoint, local);
        Assert.Equal(listener.LocalEndPoint, local);
    }

    [Fact]
    public async Task Connect_with_a_source_address_uses_it()
    {
        IListener listener = Transport.Listen(Loopback, EchoAsync);
        await using Connection client = await Transport.ConnectAsync(listener.LocalEndPoint, new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0), default);
        Assert.Equal(IPAddress.Parse("127.0.0.2"), ((IPEndPoint)client.LocalEndPoint!).Address);
    }

    [Fact]
    public async Task Connect_to_a_closed_port_is_refused()
    {
        IListener listener = Transport.Listen(Loopback, EchoAsync);
        EndPoint gone = listener.LocalEndPoint;
        await listener.DisposeAsync();
        SocketException exception = await Assert.ThrowsAsync<SocketException>(async () => await Transport.ConnectAsync(gone, null, default));
        Assert.Equal(SocketError.ConnectionRefused, exception.SocketErrorCode);
    }

    [Fact]
    public async Task Connect_cancelled_while_it_waits_throws_and_closes()
    {
        // A full backlog leaves connects unanswered.
        using var full = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        full.Bind(Loopback);
        full.Listen(0);
        var waiting = new List<Socket>();
        for (int i = 0; i < 4; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            waiting.Add(socket);
            _ = socket.ConnectAsync(full.LocalEndPoint!).ContinueWith(static done => done.Exception, TaskScheduler.Default);
        }

        using var cancellation = new CancellationTokenSource();
        Task<Connection> connecting = Transport.ConnectAsync(full.LocalEndPoint!, null, cancellation.Token).AsTask();
        Task<Connection> another = Transport.ConnectAsync(full.LocalEndPoint!, null, cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => another.WaitAsync(Patience));
        try
        {
            await (await connecting.WaitAsync(Patience)).DisposeAsync();
        }
        catch (OperationCanceledException)
        {
            // The first may still have found room.
        }

        waiting.ForEach(static socket => socket.Dispose());
    }

    [Fact]
    public async Task Awaits_in_a_session_return_to_its_thread()
    {
        var threads = new TaskCompletionSource<HashSet<int>>();
        IListener listener = Transport.Listen(Loopback, async connection =>
        {
            var seen = new HashSet<int> { Environment.CurrentManagedThreadId };
            await Task.Yield();
            seen.Add(Environment.CurrentManagedThreadId);
            await Task.Run(static () => { });
            seen.Add(Environment.CurrentManagedThreadId);
            var elsewhere = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            ThreadPool.QueueUserWorkItem(_ => elsewhere.SetResult());
            await elsewhere.Task;
            seen.Add(Environment.CurrentManagedThreadId);
            await ReadAsync(connection, 1);
            seen.Add(Environment.CurrentManagedThreadId);
            await using (Connection client = await Transport.ConnectAsync(connection.LocalEndPoint!, null, default))
            {
                seen.Add(Environment.CurrentManagedThreadId);
            }

            seen.Add(Environment.CurrentManagedThreadId);
            threads.TrySetResult(seen);
        });
        using Socket socket = await ConnectAsync(listener.LocalEndPoint);
        await socket.SendAsync(new byte[1].AsMemory());
        Assert.Single(await threads.Task.WaitAsync(Patience));
    }

    [Fact]
    public async Task Connection_used_from_other_threads_works()
    {
        IListener listener = Transport.Listen(Loopback, EchoAsync);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(async () =>
        {
            await using Connection client = await Transport.ConnectAsync(listener.LocalEndPoint, null, default);
            client.SetDeadline(TimeSpan.FromSeconds(60));
            for (int round = 0; round < 20; round++)
            {
                byte[] sent = Pattern((i * 1000) + round + 1);
                await WriteAsync(client, sent);
                Assert.Equal(sent, await ReadAsync(client, sent.Length));
                await client.SendAsync(Segments.Split(sent, 700), default);
                Assert.Equal(sent, await ReadAsync(client, sent.Length));
            }
        }))).WaitAsync(Patience);
    }

    [Fact]
    public async Task Stop_accepting_refuses_new_connections_and_keeps_the_old()
    {
        IListener listener = Transport.Listen(Loopback, EchoAsync);
        using Socket socket = await ConnectAsync(listener.LocalEndPoint);
        await socket.SendAsync(new byte[1].AsMemory());
        await ReceiveAsync(socket, 1);
        listener.StopAccepting();
        Task disposing = listener.DisposeAsync().AsTask();
        while (true)
        {
            try
            {
                using Socket late = await ConnectAsync(listener.LocalEndPoint);
            }
            catch (SocketException)
            {
                break;
            }
        }

        await socket.SendAsync(new byte[2].AsMemory());
        await ReceiveAsync(socket, 2);
        Assert.False(disposing.IsCompleted);
        socket.Shutdown(SocketShutdown.Send);
        await ReceiveAllAsync(socket);
        await disposing.WaitAsync(Patience);
    }

    [Fact]
    public async Task Unix_socket_stale_file_is_replaced_and_removed_at_the_end()
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        var endPoint = new UnixDomainSocketEndPoint(path);
        using (var stale = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            stale.Bind(endPoint);
        }

        File.Delete(path);
        LeaveStaleSocket(path);
        IListener listener = Transport.Listen(endPoint, EchoAsync);
        await using (Connection client = await Transport.ConnectAsync(endPoint, null, default))
        {
            byte[] sent = Pattern(200_000);
            Task writing = WriteAsync(client, sent);
            Assert.Equal(sent, await ReadAsync(client, sent.Length));
            await writing;
        }

        Assert.Throws<SocketException>(() => Transport.Listen(endPoint, EchoAsync));
        await listener.DisposeAsync().AsTask().WaitAsync(Patience);
        Assert.False(File.Exists(path));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task Unix_socket_has_the_mode_that_was_asked_for()
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        foreach (UnixFileMode mode in new[] { UnixFileMode.UserRead | UnixFileMode.UserWrite, (UnixFileMode)0b110_110_110 })
        {
            IListener listener = Transport.Listen(new UnixDomainSocketEndPoint(path), EchoAsync, mode);
            Assert.Equal(mode, File.GetUnixFileMode(path));
            await listener.DisposeAsync().AsTask().WaitAsync(Patience);
        }
    }

    [Fact]
    public async Task Unix_socket_of_a_living_listener_or_another_file_is_left_alone()
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        await File.WriteAllTextAsync(path, "somebody's");
        Assert.Throws<SocketException>(() => Transport.Listen(new UnixDomainSocketEndPoint(path), EchoAsync));
        Assert.Equal("somebody's", await File.ReadAllTextAsync(path));
        File.Delete(path);
    }

    [Fact]
    public async Task Dual_mode_listener_serves_both_families()
    {
        await using ITransport dual = Transports.Create(new TransportOptions { Kind = Kind, Reactors = 1, DualMode = true }, Time);
        IListener listener = dual.Listen(new IPEndPoint(IPAddress.IPv6Any, 0), static async connection =>
            await WriteAsync(connection, System.Text.Encoding.ASCII.GetBytes(((IPEndPoint)connection.RemoteEndPoint!).Address.ToString())));
        int port = ((IPEndPoint)listener.LocalEndPoint).Port;
        await using Connection six = await dual.ConnectAsync(new IPEndPoint(IPAddress.IPv6Loopback, port), null, default);
        Assert.Equal("::1"u8.ToArray(), await ReadAsync(six, 3));
        await using Connection four = await dual.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), null, default);
        Assert.Equal("127.0.0.1"u8.ToArray(), await ReadAsync(four, 9));
    }

    private static void LeaveStaleSocket(string path)
    {
        // The framework removes the file when it closes a socket under the same name, so the stale one is moved into place.
        string other = path + ".old";
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(other));
        File.Move(other, path);
    }
}
