using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using SlimtaFast.TestKit.Connections;

namespace SlimtaFast.Protocol.Tests.Proxy;

/// <summary>Headers at the start of a connection: exactly they are consumed.</summary>
public class ProxyReadTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    [Theory]
    [InlineData("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n", "EHLO x\r\n", ProxyReadStatus.Header)]
    [InlineData("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n", "", ProxyReadStatus.Header)]
    [InlineData("\r\n\r\n\0\r\nQUIT\n \0\0\0", "EHLO x\r\n", ProxyReadStatus.Header)]
    [InlineData("\r\n\r\n\0\r\nQUIT\n \0\0\0", "\x16\x03\x01", ProxyReadStatus.Header)]
    [InlineData("", "EHLO x\r\n", ProxyReadStatus.Other)]
    [InlineData("", "PROXY x\r\n", ProxyReadStatus.Malformed)]
    [InlineData("", "PROXY TCP4", ProxyReadStatus.Incomplete)]
    [InlineData("", "", ProxyReadStatus.Closed)]
    public async Task Exactly_the_header_is_consumed_however_it_comes(string header, string rest, ProxyReadStatus status)
    {
        byte[] all = Encoding.Latin1.GetBytes(header + rest);
        foreach (byte[][] pieces in (byte[][][])[[all], [.. all.Select(octet => new[] { octet })], [.. all.Chunk(5)]])
        {
            var connection = new ScriptedConnection(pieces);
            (ProxyReadStatus read, ProxyHeader? found) = await ProxyProtocol.ReadAsync(connection, Limit);
            Assert.Equal(status, read);
            Assert.Equal(status == ProxyReadStatus.Header, found is not null);
            if (status is ProxyReadStatus.Header or ProxyReadStatus.Other)
                Assert.Equal(rest, await ReadAllAsync(connection.Input));
            Assert.Equal([Limit, Timeout.InfiniteTimeSpan], connection.Deadlines);
        }
    }

    [Theory]
    [InlineData("", ProxyReadStatus.Silence)]
    [InlineData("PROXY TCP4 192.0.2.1", ProxyReadStatus.Incomplete)]
    [InlineData("\r\n\r\n", ProxyReadStatus.Incomplete)]
    public async Task Header_has_a_deadline_after_which_the_connection_still_works(string sent, ProxyReadStatus status)
    {
        var time = new FakeTimeProvider();
        (MemoryConnection server, MemoryConnection proxy) = MemoryConnection.CreatePair(time, new IPEndPoint(IPAddress.Loopback, 25));
        await proxy.Output.WriteAsync(Encoding.Latin1.GetBytes(sent));
        Task<(ProxyReadStatus Status, ProxyHeader?)> reading = ProxyProtocol.ReadAsync(server, Limit).AsTask();
        while (!reading.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Equal(status, (await reading).Status);
        await server.DisposeAsync();
        await proxy.DisposeAsync();
    }

    private static async Task<string> ReadAllAsync(PipeReader input)
    {
        while (true)
        {
            ReadResult read = await input.ReadAsync();
            string text = Encoding.Latin1.GetString(read.Buffer.ToArray());
            if (read.IsCompleted)
                return text;
            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }
}
