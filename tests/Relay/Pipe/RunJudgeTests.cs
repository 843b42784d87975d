using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using SlimtaFast.Mail;
using SlimtaFast.Relay.Pipe;

namespace SlimtaFast.Relay.Tests.Pipe;

public sealed class RunJudgeTests
{
    private static readonly RunJudge Judge = new("prog", new PipeProcessOptions(), isFinal: true);

    [Theory]
    [InlineData(0, "250 2.0.0 Delivered to prog")]
    [InlineData(1, "450 4.3.0 prog: exit code 1")]
    [InlineData(63, "450 4.3.0 prog: exit code 63")]
    [InlineData(64, "550 5.3.0 prog: command line usage error")]
    [InlineData(65, "550 5.6.0 prog: data format error")]
    [InlineData(66, "550 5.3.0 prog: cannot open input")]
    [InlineData(67, "550 5.1.1 prog: user unknown")]
    [InlineData(68, "550 5.1.2 prog: host name unknown")]
    [InlineData(69, "550 5.3.0 prog: service unavailable")]
    [InlineData(70, "550 5.3.0 prog: internal software error")]
    [InlineData(71, "450 4.3.0 prog: system resource problem")]
    [InlineData(72, "450 4.3.0 prog: critical file of the system missing")]
    [InlineData(73, "450 4.2.0 prog: cannot create the output file")]
    [InlineData(74, "450 4.3.0 prog: input/output error")]
    [InlineData(75, "450 4.3.0 prog: temporary failure")]
    [InlineData(76, "550 5.5.0 prog: remote error in protocol")]
    [InlineData(77, "550 5.7.0 prog: permission denied")]
    [InlineData(78, "550 5.3.5 prog: local configuration error")]
    [InlineData(79, "450 4.3.0 prog: exit code 79")]
    [InlineData(126, "450 4.3.5 prog: command cannot be executed")]
    [InlineData(127, "450 4.3.5 prog: command not found")]
    [InlineData(255, "450 4.3.0 prog: exit code 255")]
    public void Exit_code_decides(int code, string reply)
    {
        RunResult result = Judge.Judge(RunEnd.Itself, ChildExit.WithCode(code), default, default);
        Assert.Equal(reply, result.Outcome.Reply.ToString());
        Assert.Equal(reply[0] switch { '2' => OutcomeKind.Delivered, '4' => OutcomeKind.Transient, _ => OutcomeKind.Permanent }, result.Outcome.Kind);
        Assert.Equal(code == 0, result.Outcome.IsFinal);
        Assert.False(result.PossiblyDelivered);
    }

    [Theory]
    [InlineData(77, "no thanks\n", "", "550 5.7.0 prog: no thanks")]
    [InlineData(77, "", "complaint", "550 5.7.0 prog: complaint")]
    [InlineData(77, "out", "err", "550 5.7.0 prog: out")]
    [InlineData(77, "4.2.2 full", "", "450 4.2.2 prog: full")]
    [InlineData(75, "5.1.1 no such user", "", "550 5.1.1 prog: no such user")]
    [InlineData(1, "  5.2.2\n", "", "550 5.2.2 prog: exit code 1")]
    [InlineData(1, "chatter", "5.7.1 refused", "550 5.7.1 prog: refused")]
    [InlineData(75, "5.1.1no", "", "450 4.3.0 prog: 5.1.1no")]
    [InlineData(75, "2.0.0 fine", "", "450 4.3.0 prog: 2.0.0 fine")]
    [InlineData(75, "a\r\nb\tc\0d", "", "450 4.3.0 prog: a  b c d")]
    [InlineData(0, "5.1.1 not heard", "", "250 2.0.0 Delivered to prog")]
    public void Output_words_the_reply_and_a_status_in_front_wins(int code, string output, string error, string reply) =>
        Assert.Equal(reply, Judge.Judge(RunEnd.Itself, ChildExit.WithCode(code), Encoding.UTF8.GetBytes(output), Encoding.UTF8.GetBytes(error)).Outcome.Reply.ToString());

    [Fact]
    public void Signal_is_transient_and_may_have_delivered()
    {
        RunResult result = Judge.Judge(RunEnd.Itself, ChildExit.BySignal(11), "5.0.0 dying"u8, default);
        Assert.Equal("450 4.3.0 prog was ended by signal 11: dying", result.Outcome.Reply.ToString());
        Assert.True(result.PossiblyDelivered);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(67)]
    public void Exit_code_of_a_program_that_we_ended_is_no_verdict(int code)
    {
        Assert.Equal(OutcomeKind.Transient, Judge.Judge(RunEnd.TimedOut, ChildExit.WithCode(code), "5.1.1 x"u8, default).Outcome.Kind);
        RunResult stopped = Judge.Judge(RunEnd.Stopped, ChildExit.WithCode(code), "5.1.1 x"u8, default);
        Assert.Equal(OutcomeKind.Transient, stopped.Outcome.Kind);
        Assert.True(stopped.PossiblyDelivered);
    }

    [Fact]
    public void Codes_can_be_given_other_meanings()
    {
        var judge = new RunJudge("prog", new PipeProcessOptions { TransientExitCodes = [67], PermanentExitCodes = [1, 75] }, isFinal: false);
        Assert.Equal("450 4.1.1 prog: user unknown", judge.Judge(RunEnd.Itself, ChildExit.WithCode(67), default, default).Outcome.Reply.ToString());
        Assert.Equal("550 5.3.0 prog: exit code 1", judge.Judge(RunEnd.Itself, ChildExit.WithCode(1), default, default).Outcome.Reply.ToString());
        Assert.Equal(OutcomeKind.Permanent, judge.Judge(RunEnd.Itself, ChildExit.WithCode(75), default, default).Outcome.Kind);
        Assert.False(judge.Judge(RunEnd.Itself, ChildExit.WithCode(0), default, default).Outcome.IsFinal);
    }

    [Property(MaxTest = 1000)]
    public Property Any_output_makes_a_clean_reply_that_agrees_with_itself() => Prop.ForAll(
        ArbMap.Default.ArbFor<byte[]>(), Gen.Choose(1, 255).ToArbitrary(), static (octets, code) =>
        {
            byte[] output = [.. "5.1"u8, .. octets];
            SmtpReply reply = Judge.Judge(RunEnd.Itself, ChildExit.WithCode(code), output, octets).Outcome.Reply;
            return !reply.Text.Any(char.IsControl) && reply.Status.Class == reply.Code / 100 && reply.Code is 450 or 550;
        });

    [Property(MaxTest = 500)]
    public Property First_octets_are_kept_however_they_come() => Prop.ForAll(
        ArbMap.Default.ArbFor<byte[]>(), Gen.Choose(1, 700).ToArbitrary(), static (seed, piece) =>
        {
            byte[] written = [.. Enumerable.Range(0, 3000).Select(i => (byte)(i + seed.Length))];
            var kept = new KeptOutput();
            foreach (byte[] part in written.Chunk(piece))
                kept.Add(part);
            return kept.Octets.SequenceEqual(written.AsSpan(0, KeptOutput.Most)) && kept.Written == 3000 && kept.IsFull;
        });
}
