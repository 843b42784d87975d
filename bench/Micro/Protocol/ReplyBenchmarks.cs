using BenchmarkDotNet.Attributes;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;
using SlimtaFast.Protocol.Replies;
using SlimtaFast.Protocol.Sasl;

namespace SlimtaFast.Micro.Protocol;

/// <summary>What writing replies costs.</summary>
[MemoryDiagnoser]
public class ReplyBenchmarks
{
    private readonly ReplyWriter _replies = new(new NowhereWriter());
    private readonly SmtpReply _queued = new(250, new EnhancedStatus(2, 0, 0), "queued as 0192f3c4a5b67890123456789abcdef0");
    private readonly HelloReplies _hello = HelloReplies.For(new SmtpServerOptions());

    /// <summary>A fixed reply.</summary>
    [Benchmark]
    public void Fixed() => _replies.Write(Canned.RecipientOk);

    /// <summary>A handler's reply.</summary>
    [Benchmark]
    public void Formatted() => _replies.Write(in _queued);

    /// <summary>The answer to EHLO.</summary>
    [Benchmark]
    public void Ehlo() => _replies.Write(_hello.GetEhlo(ChannelProtection.Clear).Span);
}
