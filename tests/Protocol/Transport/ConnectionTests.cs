using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using SlimtaFast.Protocol.Transport;
using static SlimtaFast.Protocol.Tests.Transport.TransportFixture;

namespace SlimtaFast.Protocol.Tests.Transport;

/// <summary>A connection's life and its ends, alike for every transport.</summary>
public abstract class ConnectionTests(TransportKind kind) : TransportTestCase(kind)
{
    [Fact]
    public async Task Session_ends_connection_is_closed_after_the_last_reply()
    {
        IListener listener = Transport.Listen(Loopback, static connection => WriteAsync(connection, "421 bye\r\n"u8.ToArray()));
        using Socket socket = await ConnectAsync(listener.LocalEndPoint);

        // Bytes that nobody reads must not turn the close into a reset that eats the reply.
        await socket.SendAsync(Pattern(20_000).AsMemory());
        Assert.Equal("421 bye\r\n"u8.ToArray(), await ReceiveAllAsync(socket));
    }

    [Fact]
    public async Task Session_fails_fault_is_reported_and_connection_closed()
    {
        var failure = new InvalidDataException("of the session");
        IListener listener = Transport.Listen(Loopback, _ => Task.FromException(failure));
        using Socket socket = await ConnectAsync(listener.LocalEndPoint);
        Assert.Empty(await ReceiveAllAsync(socket));
        Assert.Same(failure, Assert.Single(GetFaults()));
    }

    [Fact]
    public async Task Half_close_by_the_peer_lets_us_answer()
    {
        IListener listener = Transport.Listen(Loopback, static async connection =>
        {
            ReadResult result;
            while (!(result = await connection.Input.ReadAsync()).IsCompleted)
            {
                connection.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            }

            byte[] reversed = result.Buffer.ToArray();
            Array.Reverse(reversed);
            connection.Input.AdvanceTo(result.Buffer.End);
            await WriteAsync(connection, reversed);
        });
        using Socket socket = await ConnectAsync(listener.LocalEndPoint);
        byte[] sent = Pattern(100_000);
        await socket.SendAsync(sent.AsMemory());
        socket.Shutdown(SocketShutdown.Send);
        byte[] received = await ReceiveAllAsync(socket);
        Array.Reverse(received);
        Assert.Equal(sent, received);
    }

    [Fact]
    public async Task Half_close_by_completing_the_output_lets_us_read_on()
    {
        IListener listener = Transport.Listen(Loopback, EchoAsync);
        await using Connection client = await Transport.ConnectAsync(listener.LocalEndPoint, null, default);
        client.Output.Write("hello"u8);
        await client.Output.CompleteAsync();
        Assert.Equal("hello"u8.ToArray(), await ReadAsync(client, 5));
        ReadResult end = await client.Input.ReadAsync();
        Assert.True(end.IsCompleted);
        Assert.True(end.Buffer.IsEmpty);
    }

    [Fact]
    public async Task Peer_resets_read_fails_with_an_io_exception()
    {
        var ended = new TaskCompletionSource();
        IListener listener = Transport.Listen(Loopback, async connection =>
        {
            Exception exception = await Assert.ThrowsAsync<IOException>(async () =>
            {
                await connection.Input.ReadAsync();
            });
            Assert.IsType<SocketException>(exception.InnerException);
            ended.SetResult();
        });
        using (Socket socket = await ConnectAsync(listener.LocalEndPoint))
        {
            socket.LingerState = new LingerOption(true, 0);
        }

        await ended.Task.WaitAsync(Patience);
    }

    [Fact]
    public async Task Peer_resets_between_two_reads_the_second_fails_with_an_io_exception()
    {
        var read = new TaskCompletionSource();
        using var reset = new ManualResetEventSlim();
        var ended = new TaskCompletionSource<Exception?>();
        IListener listener = Transport.Listen(Loopback, async connection =>
        {
            await ReadAsync(connection, 1);
            read.SetResult();

            // The reactor stands still meanwhile, so that the next read begins with a socket that has failed.
            Assert.True(reset.Wait(Patience));
            ended.SetResult(await Record.ExceptionAsync(async () => await connection.Input.ReadAsync()));
        });
        using (Socket socket = await ConnectAsync(listener.LocalEndPoint))
        {
            await socket.SendAsync("x"u8.ToArray().AsMemory());
            await read.Task.WaitAsync(Patience);
            socket.LingerState = new LingerOption(true, 0);
        }

        reset.Set();
        IOException exception = Assert.IsType<IOException>(await ended.Task.WaitAsync(Patience));
        Assert.IsType<SocketException>(exception.InnerException);
    }

    [Fact]
    public async Task Abort_from_another_thread_fails_a_pending_read()
    {
        var reading = new TaskCompletionSource<Connection>();
        var ended = new TaskCompletionSource<(int Before, int After)>();
        IListener listener = Transport.Listen(Loopback, async connection =>
        {
            int thread = Environment.CurrentManagedThreadId;
            ValueTask<ReadResult> read = connection.Input.ReadAsync();
            reading.SetResult(connection);
            await Assert.ThrowsAsync<IOException>(async () => await read);
            ended.SetResult((thread, Environment.CurrentManagedThreadId));
        });
        using Socket socket = await ConnectAsync(listener.LocalEndPoint);
        (await reading.Task.WaitAsync(Patience)).Abort();
        (int before, int after) = await ended.Task.WaitAsync(Patience);
        Assert.Equal(before, after);
        await Assert.ThrowsAsync<SocketException>(() => ReceiveAllAsync(socket));
    }

    [Fact]
    public async Task Abort_fails_a_pending_flush()
    {
        var flushing = new TaskCompletionSource<Connection>();
        var ended = new TaskCompletionSource();
        IListener listener = Transport.Listen(Loopback, async connection =>
        {
            connection.Output.Write(new byte[64_000_000]);
            ValueTask<FlushResult> flush = connection.Output.FlushAsync();
            flushing.SetResult(connection);
            await Assert.ThrowsAsync<IOException>(async () => await flush);
            ended.SetResult();
        });
        using Socket socket = await ConnectAsync(listener.LocalEndPoint);
        (await flushing.Task.WaitAsync(Patience)).Abort();
        await ended.Task.WaitAsync(Patience);
    }

    [Fact]
    public async Task Flush_waits_while_the_peer_does_not_read()
    {
        const int Chunk = 100_000;
        byte[] chunk = Pattern(Chunk);
        int written = 0;
        var waiting = new TaskCompletionSource();
        IListener listener = Transport.Listen(Loopback, async connection =>
        {
            for (int i = 0; i < 200; i++)
            {
                connection.Output.Write(chunk);
                ValueTask<FlushResult> flush = connection.Output.FlushAsync();
                if (!flush.IsCompleted)
                {
                    waiting.TrySetResult();
                }

                await flush;
                Volatile.Write(ref written, i + 1);
            }
        });
        using Socket socket = await ConnectAsync(listener.LocalEndPoint);
        await waiting.Task.WaitAsync(Patience);
        Assert.True(Volatile.Read(ref written) < 200, "everything was sent to a peer that reads nothing");
        byte[] received = await ReceiveAllAsync(socket);
        Assert.Equal(200 * Chunk, received.Length);
        Assert.True(received.AsSpan(199 * Chunk).SequenceEqual(chunk));
    }

    [Fact]
    public async Task Send_gathers_what_is_unflushed_and_all_segments()
    {
        byte[] body = Pattern(5_000_000);
        IListener listener = Transport.Listen(Loopback, async connection =>
        {
            connection.Output.Write("head:"u8);
            await connection.SendAsync(Segments.Split(body, 3000), default);
            await connection.SendAsync(new ReadOnlySequence<byte>(body.AsMemory(0, 10)), default);
        });
        using Socket socket = await ConnectAsync(listener.LocalEndPoint);
        byte[] received = await ReceiveAllAsync(socket);
        Assert.Equal(5 + body.Length + 10, received.Length);
        Assert.True(received.AsSpan(0, 5).SequenceEqual("head:"u8));
        Assert.True(received.AsSpan(5, body.Length).SequenceEqual(body));
        Assert.True(received.AsSpan(5 + body.Length).SequenceEqual(body.AsSpan(0, 10)));
    }

    [Fact]
    public async Task Deadline_passes_read_fails_until_another_is_set()
    {
        var reading = new TaskCompletionSource();
        var timedOut = new TaskCompletionSource();
        IListener listener = Transport.Listen(Loopback, async connection =>
        {
            connection.SetDeadline(TimeSpan.FromSeconds(300));
            ValueTask<ReadResult> read = connection.Input.ReadAsync();
            reading.SetResult();
            await Assert.ThrowsAsync<TimeoutException>(async () => await read);
            await Assert.ThrowsAsync<TimeoutException>(async () => await connection.Input.ReadAsync());
            await Assert.ThrowsAsync<TimeoutException>(async () => await connection.Output.FlushAsync());
            connection.SetDeadline(TimeSpan.FromSeconds(10));
            await WriteAsync(connection, "421"u8.ToArray());
            timedOut.SetResult();
            await EchoAsync(connection);
        });
        using Socket socket = await ConnectAsync(listener.LocalEndPoint);
        await reading.Task.WaitAsync(Patience);
        Time.Advance(TimeSpan.FromSeconds(299));
        Assert.False(timedOut.Task.IsCompleted);
        Time.Advance(TimeSpan.FromSeconds(3));
        await timedOut.Task.WaitAsync(Patience);
        Assert.Equal("421"u8.ToArray(), await ReceiveAsync(socket, 3));
        await socket.SendAsync("more"u8.ToArray().AsMemory());
        Assert.Equal("more"u8.ToArray(), await ReceiveAsync(socket, 4));
    }

    [Fact]
    public async Task Deadline_passes_flush_fails()
    {
        var flushing = new TaskCompletionSource();
        var ended = new TaskCompletionSource();
        IListener listener = Transport.Listen(Loopback, async connection =>
        {
            connection.SetDeadline(TimeSpan.FromSeconds(30));
            connection.Output.Write(new byte[64_000_000]);
            ValueTask<FlushResult> flush = connection.Output.FlushAsync();
            flushing.SetResult();
            await Assert.ThrowsAsync<TimeoutException>(async () => await flush);
            ended.SetResult();
        });
        using Socket socket = await ConnectAsync(listener.LocalEndPoint);
        await flushing.Task.WaitAsync(Patience);
        Time.Advance(TimeSpan.FromSeconds(32));
        await ended.Task.WaitAsync(Patience);
    }

    [Fact]
    public async Task Deadline_moved_or_lifted_does_not_fire()
    {
        var reading = new TaskCompletionSource();
        IListener listener = Transport.Listen(Loopback, async connection =>
        {
            connection.SetDeadline(TimeSpan.FromSeconds(5));
            connection.SetDeadline(TimeSpan.FromSeconds(5000));
            Task echo = EchoAsync(connection);
            reading.SetResult();
            await echo;
        });
        using Socket socket = await ConnectAsync(listener.LocalEndPoint);
        await reading.Task.WaitAsync(Patience);
        Time.Advance(TimeSpan.FromSeconds(2000));
        await socket.SendAsync("still here"u8.ToArray().AsMemory());
        Assert.Equal("still here"u8.ToArray(), await ReceiveAsync(socket, 10));
    }

    [Fact]
    public async Task Peer_that_never_closes_is_let_go_after_a_while()
    {
        var ended = new TaskCompletionSource();
        IListener listener = Transport.Listen(Loopback, connection =>
        {
            ended.SetResult();
            return Task.CompletedTask;
        });
        using Socket socket = await ConnectAsync(listener.LocalEndPoint);
        await ended.Task.WaitAsync(Patience);
        Assert.Empty(await ReceiveAllAsync(socket));
        Task disposing = listener.DisposeAsync().AsTask();
        Assert.False(disposing.IsCompleted);
        Time.Advance(TimeSpan.FromSeconds(5));
        await disposing.WaitAsync(Patience);
    }
}
