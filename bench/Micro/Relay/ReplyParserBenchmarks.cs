using System.Buffers;
using System.Text;
using BenchmarkDotNet.Attributes;
using SlimtaFast.Mail;
using SlimtaFast.Protocol.Replies;

namespace SlimtaFast.Micro.Relay;

/// <summary>The replies to one pipelined message, as they come in one read.</summary>
[MemoryDiagnoser]
public class ReplyParserBenchmarks
{
    private readonly byte[] _burst = Encoding.ASCII.GetBytes("250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n250 2.0.0 Ok: queued as 4711\r\n");
    private readonly ReplyParser _parser = new();

    /// <summary>Reads all three.</summary>
    [Benchmark(OperationsPerInvoke = 3)]
    public SmtpReply Parse()
    {
        var rest = new ReadOnlySequence<byte>(_burst);
        _parser.Parse(ref rest, ReplyText.IfNegative, out _);
        _parser.Parse(ref rest, ReplyText.IfNegative, out _);
        _parser.Parse(ref rest, ReplyText.Always, out SmtpReply reply);
        return reply;
    }
}
