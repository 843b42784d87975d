using System.Text;
using Microsoft.Extensions.Time.Testing;
using SlimtaFast.Mail;
using SlimtaFast.Queue.Tests.Fakes;
using SlimtaFast.TestKit;

namespace SlimtaFast.Queue.Tests.Spam;

public class SpamAssassinPolicyTests
{
    private const string Ham = "SPAMD/1.1 0 EX_OK\r\nContent-length: 3\r\nSpam: False ; 0.5 / 5.0\r\n\r\nA,B";
    private const string Spam = "SPAMD/1.1 0 EX_OK\r\nContent-length: 5\r\nSpam: True ; 15.0 / 5.0\r\n\r\nGTUBE";

    [Fact]
    public void Verdict_is_noted_and_forged_fields_are_removed()
    {
        var spamd = new ScriptedSpamd(Spam);
        Assert.Equal(
            "X-Spam-Flag: YES\r\nX-Spam-Score: 15.0\r\nX-Spam-Status: Yes, score=15.0 required=5.0\r\nX-Spam-Symbols: GTUBE\r\nSubject: x\r\n\r\nbody\r\n",
            Deliver(spamd.Options, "X-Spam-Flag: NO\r\nSubject: x\r\nx-spam-level:\r\n\r\nbody\r\n"));
        Assert.Equal("SYMBOLS SPAMC/1.5\r\nContent-length: 20\r\nUser: mail\r\n\r\nSubject: x\r\n\r\nbody\r\n", spamd.Asked);
    }

    [Fact]
    public void Ham_has_no_flag() =>
        Assert.Equal(
            "X-Spam-Score: 0.5\r\nX-Spam-Status: No, score=0.5 required=5.0\r\nX-Spam-Symbols: A, B\r\nSubject: x\r\n\r\n",
            Deliver(new ScriptedSpamd(Ham).Options, "Subject: x\r\n\r\n"));

    [Fact]
    public void Score_refuses()
    {
        Assert.Equal("554 5.7.1 Refused as spam", Refused(new ScriptedSpamd(Spam).Options with { RefuseScore = 15 }));
        Assert.Contains("X-Spam-Flag: YES", Deliver(new ScriptedSpamd(Spam).Options with { RefuseScore = 15.5 }, "A: b\r\n\r\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("SPAMD/1.1 76 Bad\r\n")]
    [InlineData("SPAMD/1.1 0 EX_OK\r\nSpam: True ; 15")]
    public void Bad_answer_puts_off_or_accepts(string answer)
    {
        Assert.Equal("451 4.3.0 The message could not be scanned, try again later", Refused(new ScriptedSpamd(answer).Options));
        Assert.Equal("A: b\r\n\r\n", Deliver(new ScriptedSpamd(answer).Options with { Unavailable = UnscannedMail.Accept }, "X-Spam-Flag: NO\r\nA: b\r\n\r\n"));
    }

    [Fact]
    public void Message_that_is_too_large_is_not_scanned()
    {
        var spamd = new ScriptedSpamd(Spam);
        Assert.Equal("A: b\r\n\r\n0123456789\r\n", Deliver(spamd.Options with { MaxSize = 10 }, "X-Spam-Flag: NO\r\nA: b\r\n\r\n0123456789\r\n"));
        Assert.Equal("", spamd.Asked);
    }

    [Fact]
    public async Task Time_limit_covers_connecting_and_waiting_for_a_turn()
    {
        var time = new FakeTimeProvider();
        using var policy = new SpamAssassinPolicy(
            new SpamAssassinOptions
            {
                MaxScans = 1,
                Timeout = TimeSpan.FromSeconds(5),
                Connect = async cancellationToken =>
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
                    throw new InvalidOperationException();
                },
            },
            time);
        using var fixture = new QueueFixture(policies: [policy]);
        Task<EnqueueResult>[] waiting = [.. Enumerable.Range(0, 2).Select(_ => fixture.Queue.EnqueueAsync(Envelopes.Make(Contents.InMemory()), CancellationToken.None).AsTask())];
        time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.All(waiting, static one => Assert.False(one.IsCompleted));
        time.Advance(TimeSpan.FromSeconds(0.2));
        Assert.All(await Task.WhenAll(waiting), static one => Assert.Equal(451, one.Reply.Code));
    }

    [Fact]
    public async Task Client_that_goes_away_is_no_outage()
    {
        using var gone = new CancellationTokenSource();
        using var policy = new SpamAssassinPolicy(new SpamAssassinOptions
        {
            Unavailable = UnscannedMail.Accept,
            Connect = async cancellationToken =>
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
                throw new InvalidOperationException();
            },
        });
        using var fixture = new QueueFixture(policies: [policy]);
        Task<EnqueueResult> enqueued = fixture.Queue.EnqueueAsync(Envelopes.Make(Contents.InMemory()), gone.Token).AsTask();
        await gone.CancelAsync();
        Assert.Equal(451, (await enqueued).Reply.Code);
        Assert.Empty(fixture.Storage.Done);
    }

    private static string Deliver(SpamAssassinOptions options, string message)
    {
        using var policy = new SpamAssassinPolicy(options);
        using var fixture = new QueueFixture(policies: [policy]);
        Assert.Equal(250, fixture.Enqueue(Envelopes.Make(Contents.InMemory(message))).Reply.Code);
        return Encoding.ASCII.GetString(Assert.Single(fixture.Relay.Attempts).Bytes);
    }

    private static string Refused(SpamAssassinOptions options)
    {
        using var policy = new SpamAssassinPolicy(options);
        using var fixture = new QueueFixture(policies: [policy]);
        SmtpReply reply = fixture.Enqueue(Envelopes.Make(Contents.InMemory())).Reply;
        Assert.Empty(fixture.Storage.Done);
        return reply.ToString();
    }

    // Answers whatever it is asked, octet by octet, and closes.
    private sealed class ScriptedSpamd(string answer)
    {
        private readonly List<byte> _asked = [];

        public string Asked => Encoding.ASCII.GetString([.. _asked]);

        public SpamAssassinOptions Options => new() { User = "mail", Connect = _ => ValueTask.FromResult<Stream>(new Connection(Encoding.ASCII.GetBytes(answer), _asked)) };

        private sealed class Connection(byte[] answer, List<byte> asked) : Stream
        {
            private int _at;

            public override bool CanRead => true;

            public override bool CanSeek => false;

            public override bool CanWrite => true;

            public override long Length => throw new NotSupportedException();

            public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

            public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

            public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
            {
                if (_at == answer.Length)
                    return ValueTask.FromResult(0);
                buffer.Span[0] = answer[_at++];
                return ValueTask.FromResult(1);
            }

            public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
            {
                asked.AddRange(buffer.Span);
                return ValueTask.CompletedTask;
            }

            public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

            public override void Flush()
            {
            }

            public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

            public override void SetLength(long value) => throw new NotSupportedException();
        }
    }
}
