using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using SlimtaFast.Protocol.Transport;
using static SlimtaFast.Protocol.Tests.Transport.TransportFixture;

namespace SlimtaFast.Protocol.Tests.Transport;

/// <summary>The contract of PipeReader and PipeWriter, on both ends of a connection and on both kinds of threads.</summary>
public abstract class PipeTests(TransportKind kind) : IAsyncLifetime
{
    private readonly ITransport _transport = Transports.Create(new TransportOptions { Kind = kind, Reactors = 1 }, TimeProvider.System);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _transport.DisposeAsync().AsTask().WaitAsync(Patience);

    [Fact]
    public Task Read_not_examined_to_the_end_returns_at_once() => OnBothThreads(async (connection, peer) =>
    {
        await peer.SendAsync("one two"u8.ToArray().AsMemory());
        ReadResult result = await ReadAtLeastAsync(connection.Input, 7);
        connection.Input.AdvanceTo(result.Buffer.GetPosition(4), result.Buffer.GetPosition(5));
        ValueTask<ReadResult> again = connection.Input.ReadAsync();
        Assert.True(again.IsCompleted);
        result = await again;
        Assert.Equal("two"u8.ToArray(), result.Buffer.ToArray());
        connection.Input.AdvanceTo(result.Buffer.End);
    });

    [Fact]
    public Task Read_examined_to_the_end_waits_for_more() => OnBothThreads(async (connection, peer) =>
    {
        await peer.SendAsync("one"u8.ToArray().AsMemory());
        ReadResult result = await ReadAtLeastAsync(connection.Input, 3);
        connection.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        ValueTask<ReadResult> again = connection.Input.ReadAsync();
        Assert.False(again.IsCompleted);
        await peer.SendAsync(" two"u8.ToArray().AsMemory());
        result = await again;
        Assert.Equal("one two"u8.ToArray(), result.Buffer.ToArray());
        connection.Input.AdvanceTo(result.Buffer.End);
    });

    [Fact]
    public Task Unconsumed_bytes_of_any_amount_stay_in_order() => OnBothThreads(async (connection, peer) =>
    {
        byte[] sent = Pattern(300_000);
        Task sending = peer.SendAsync(sent.AsMemory()).AsTask();
        var random = new Random(7);
        int at = 0;
        while (at < sent.Length)
        {
            ReadResult result = await connection.Input.ReadAsync();
            ReadOnlySequence<byte> bytes = result.Buffer;
            Assert.True(bytes.ToArray().AsSpan().SequenceEqual(sent.AsSpan(at, (int)bytes.Length)));
            long consumed = at + bytes.Length == sent.Length ? bytes.Length : random.NextInt64(bytes.Length + 1);
            long examined = random.Next(2) == 0 ? bytes.Length : random.NextInt64(consumed, bytes.Length + 1);
            connection.Input.AdvanceTo(bytes.GetPosition(consumed), bytes.GetPosition(examined));
            at += (int)consumed;
        }

        await sending;
    });

    [Fact]
    public Task Read_after_the_end_keeps_saying_so() => OnBothThreads(async (connection, peer) =>
    {
        await peer.SendAsync("rest"u8.ToArray().AsMemory());
        peer.Shutdown(SocketShutdown.Send);
        ReadResult result;
        while (!(result = await connection.Input.ReadAsync()).IsCompleted)
        {
            connection.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }

        Assert.Equal(4, result.Buffer.Length);
        connection.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        result = await connection.Input.ReadAsync();
        Assert.True(result.IsCompleted);
        Assert.Equal("rest"u8.ToArray(), result.Buffer.ToArray());
        connection.Input.AdvanceTo(result.Buffer.End);
        result = await connection.Input.ReadAsync();
        Assert.True(result.IsCompleted);
        Assert.True(result.Buffer.IsEmpty);
        connection.Input.AdvanceTo(result.Buffer.End);
    });

    [Fact]
    public Task Cancel_pending_read_before_or_during_a_read_ends_it_once() => OnBothThreads(async (connection, peer) =>
    {
        connection.Input.CancelPendingRead();
        Assert.True((await connection.Input.ReadAsync()).IsCanceled);
        ValueTask<ReadResult> read = connection.Input.ReadAsync();
        ThreadPool.QueueUserWorkItem(_ => connection.Input.CancelPendingRead());
        Assert.True((await read).IsCanceled);
        read = connection.Input.ReadAsync();
        await peer.SendAsync("x"u8.ToArray().AsMemory());
        ReadResult result = await read;
        Assert.False(result.IsCanceled);
        Assert.Equal(1, result.Buffer.Length);
        connection.Input.AdvanceTo(result.Buffer.End);
    });

    [Fact]
    public Task Read_with_a_cancelled_token_throws_and_the_next_works() => OnBothThreads(async (connection, peer) =>
    {
        using var cancellation = new CancellationTokenSource();
        ValueTask<ReadResult> read = connection.Input.ReadAsync(cancellation.Token);
        Assert.False(read.IsCompleted);
        ThreadPool.QueueUserWorkItem(_ => cancellation.Cancel());
        OperationCanceledException exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await read);
        Assert.Equal(cancellation.Token, exception.CancellationToken);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await connection.Input.ReadAsync(cancellation.Token));
        await peer.SendAsync("x"u8.ToArray().AsMemory());
        Assert.Equal("x"u8.ToArray(), await ReadAsync(connection, 1));
    });

    [Fact]
    public Task Second_read_while_one_is_pending_is_refused() => OnBothThreads(async (connection, peer) =>
    {
        ValueTask<ReadResult> read = connection.Input.ReadAsync();
        Assert.Throws<InvalidOperationException>(() => connection.Input.TryRead(out _));
        await peer.SendAsync("x"u8.ToArray().AsMemory());
        ReadResult result = await read;
        Assert.Throws<InvalidOperationException>(() => connection.Input.TryRead(out _));
        connection.Input.AdvanceTo(result.Buffer.End);
        Assert.False(connection.Input.TryRead(out _));
    });

    [Fact]
    public Task Advance_outside_of_the_result_is_refused() => OnBothThreads(async (connection, peer) =>
    {
        await peer.SendAsync("abc"u8.ToArray().AsMemory());
        ReadResult result = await ReadAtLeastAsync(connection.Input, 3);
        Assert.Throws<InvalidOperationException>(() => connection.Input.AdvanceTo(result.Buffer.End, result.Buffer.Start));
        Assert.Throws<InvalidOperationException>(() => connection.Input.AdvanceTo(new ReadOnlySequence<byte>(new byte[9]).End));
        connection.Input.AdvanceTo(result.Buffer.End);
    });

    [Fact]
    public Task Write_of_many_pieces_and_large_spans_arrives_whole() => OnBothThreads(async (connection, peer) =>
    {
        byte[] sent = Pattern(400_000);
        PipeWriter output = connection.Output;
        sent.AsSpan(0, 200_000).CopyTo(output.GetSpan(200_000));
        output.Advance(200_000);
        for (int i = 200_000; i < sent.Length; i += 1000)
        {
            sent.AsSpan(i, 1000).CopyTo(output.GetMemory(1000).Span);
            output.Advance(1000);
        }

        Assert.Equal(sent.Length, output.UnflushedBytes);
        ValueTask<FlushResult> flush = output.FlushAsync();
        Assert.Equal(sent, await ReceiveAsync(peer, sent.Length));
        await flush;
        Assert.Equal(0, output.UnflushedBytes);
    });

    [Fact]
    public Task Flush_cancelled_keeps_the_bytes_for_the_next() => OnBothThreads(async (connection, peer) =>
    {
        byte[] sent = Pattern(32_000_000);
        using var cancellation = new CancellationTokenSource();
        connection.Output.Write(sent);
        ValueTask<FlushResult> flush = connection.Output.FlushAsync(cancellation.Token);
        ThreadPool.QueueUserWorkItem(_ => cancellation.Cancel());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await flush);
        flush = connection.Output.FlushAsync();
        ThreadPool.QueueUserWorkItem(_ => connection.Output.CancelPendingFlush());
        Assert.True((await flush).IsCanceled);
        Task<byte[]> receiving = ReceiveAsync(peer, sent.Length);
        await connection.Output.FlushAsync();
        byte[] received = await receiving;
        Assert.True(sent.AsSpan().SequenceEqual(received));
    });

    [Fact]
    public Task Send_cancelled_half_way_breaks_the_connection() => OnBothThreads(async (connection, peer) =>
    {
        using var cancellation = new CancellationTokenSource();
        ValueTask send = connection.SendAsync(new ReadOnlySequence<byte>(new byte[32_000_000]), cancellation.Token);
        ThreadPool.QueueUserWorkItem(_ => cancellation.Cancel());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await send);
        await Assert.ThrowsAsync<IOException>(async () => await connection.Output.FlushAsync());
        await Assert.ThrowsAsync<SocketException>(() => ReceiveAllAsync(peer));
    });

    [Fact]
    public Task Stream_over_the_pipes_works() => OnBothThreads(async (connection, peer) =>
    {
        Stream input = connection.Input.AsStream();
        Stream output = connection.Output.AsStream();
        await peer.SendAsync("over a stream"u8.ToArray().AsMemory());
        byte[] bytes = new byte[13];
        await input.ReadExactlyAsync(bytes);
        await output.WriteAsync(bytes);
        await output.FlushAsync();
        Assert.Equal("over a stream"u8.ToArray(), await ReceiveAsync(peer, 13));
    });

    /// <summary>Runs a scenario once in a session on its reactor, and once on a connection used from the thread pool.</summary>
    private async Task OnBothThreads(Func<Connection, Socket, Task> scenario)
    {
        var arrived = new TaskCompletionSource<Socket>(TaskCreationOptions.RunContinuationsAsynchronously);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        IListener listener = _transport.Listen(Loopback, async connection =>
        {
            try
            {
                await scenario(connection, await arrived.Task);
                ended.SetResult();
            }
            catch (Exception exception)
            {
                ended.SetException(exception);
            }
        });
        using (Socket peer = await ConnectAsync(listener.LocalEndPoint))
        {
            arrived.SetResult(peer);
            await ended.Task.WaitAsync(Patience);
        }

        using var plain = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        plain.Bind(Loopback);
        plain.Listen();
        Connection outgoing = await _transport.ConnectAsync(plain.LocalEndPoint!, null, default);
        using (Socket peer = await plain.AcceptAsync())
        {
            peer.NoDelay = true;
            await Task.Run(() => scenario(outgoing, peer)).WaitAsync(Patience);
        }

        await outgoing.DisposeAsync().AsTask().WaitAsync(Patience);
    }

    private static async Task<ReadResult> ReadAtLeastAsync(PipeReader reader, int count)
    {
        while (true)
        {
            ReadResult result = await reader.ReadAsync();
            if (result.Buffer.Length >= count || result.IsCompleted)
            {
                return result;
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }
}
