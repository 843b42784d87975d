using System.Text;
using BenchmarkDotNet.Attributes;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;

namespace SlimtaFast.Micro.Protocol;

/// <summary>What one message of 1 KiB costs the server session itself: no socket, and a handler that discards. All figures are for one message.</summary>
[MemoryDiagnoser]
public class SessionBenchmarks
{
    private const int Messages = 10_000;

    private static readonly byte[] Hello = [.. "EHLO bench.example\r\n"u8];
    private static readonly string Body = string.Concat(Enumerable.Repeat(new string('x', 76) + "\r\n", 13)) + ".\r\n";

    private static readonly byte[][] Lockstep =
        [.. "MAIL FROM:<from@bench.example>\r\n|RCPT TO:<to@bench.example>\r\n|DATA\r\n|".Split('|').SkipLast(1).Append(Body).Select(Encoding.ASCII.GetBytes)];

    private static readonly byte[][] Pipelined =
        [.. new[] { "MAIL FROM:<from@bench.example>\r\nRCPT TO:<to@bench.example>\r\nDATA\r\n", Body }.Select(Encoding.ASCII.GetBytes)];

    /// <summary>Command by command.</summary>
    [Benchmark(OperationsPerInvoke = Messages)]
    public Task<SessionEndReason> InLockstep() => Run(Lockstep);

    /// <summary>MAIL, RCPT and DATA in one piece.</summary>
    [Benchmark(OperationsPerInvoke = Messages)]
    public Task<SessionEndReason> InGroups() => Run(Pipelined);

    private static Task<SessionEndReason> Run(byte[][] pieces) =>
        new SmtpServerSession(new LoopingConnection(Hello, pieces, Messages), new DiscardingHandler(), new SmtpServerOptions()).RunAsync(CancellationToken.None);

    private sealed class DiscardingHandler : SmtpServerHandler
    {
        public override ContentWriter BeginContent(SmtpServerSession session, MailTransaction transaction) => new DiscardingContentWriter(default);

        public override ValueTask<SmtpReply> OnMessageAsync(SmtpServerSession session, MailTransaction transaction, MessageContent content, CancellationToken cancellationToken)
        {
            content.Release();
            return default;
        }
    }
}
