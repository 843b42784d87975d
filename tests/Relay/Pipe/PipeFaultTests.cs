using System.Runtime.Versioning;
using SlimtaFast.Mail;
using SlimtaFast.TestKit;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.Relay.Tests.Pipe;

/// <summary>Programs that misbehave in every way: each ends right, nothing is lost, and nothing of it goes on running.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class PipeFaultTests
{
    private static readonly PipeProcessOptions Options = new() { Timeout = TimeSpan.FromMinutes(7), KillDelay = TimeSpan.FromSeconds(3) };

    private static readonly string[] Two = ["a@x.example", "b@x.example"];

    [Fact]
    public async Task Program_that_hangs_is_ended_with_its_children_that_hold_its_output()
    {
        using var script = new ScriptFile("sleep 600 & echo $! >grandchild; echo $$ >child; wait");
        var time = new WatchedTime();
        await using PipeRelay relay = RelayRun.Make(script.Path, Options, time);
        Task<DeliveryReport> attempt = RelayRun.AttemptAsync(relay, Two);
        string child = await script.WaitForLineAsync("child"), grandchild = await script.WaitForLineAsync("grandchild");
        await time.PassAsync(Options.Timeout);
        DeliveryReport report = await attempt;
        Assert.All(report.Outcomes, static outcome => Assert.Equal("450 4.4.2 script did not end in time", outcome.Reply.ToString()));
        Assert.Equal(HopCondition.Busy, report.Hop);
        Assert.True(report.PossiblyDelivered);
        await ScriptFile.WaitForEndAsync(child);
        await ScriptFile.WaitForEndAsync(grandchild);
    }

    [Fact]
    public async Task Program_that_does_not_heed_sigterm_gets_sigkill_and_so_do_its_children()
    {
        using var script = new ScriptFile("trap '' TERM; sleep 600 & echo $! >grandchild; echo $$ >child; while :; do wait; sleep 600; done");
        var time = new WatchedTime();
        await using PipeRelay relay = RelayRun.Make(script.Path, Options, time);
        Task<DeliveryReport> attempt = RelayRun.AttemptAsync(relay, ["a@x.example"]);
        string child = await script.WaitForLineAsync("child"), grandchild = await script.WaitForLineAsync("grandchild");
        await time.PassAsync(Options.Timeout);
        await time.PassAsync(Options.KillDelay);
        Assert.Equal("450 4.4.2 script did not end in time", RelayRun.ReplyOf(await attempt));
        await ScriptFile.WaitForEndAsync(child);
        await ScriptFile.WaitForEndAsync(grandchild);
    }

    [Fact]
    public async Task Program_that_ends_while_a_child_of_it_holds_its_output_is_not_waited_for_longer()
    {
        using var script = new ScriptFile("sleep 600 & echo $! >grandchild; echo 5.7.1 no; exit 1");
        await using PipeRelay relay = RelayRun.Make(script.Path, Options, new WatchedTime());
        Assert.Equal("550 5.7.1 script: no", RelayRun.ReplyOf(await RelayRun.AttemptAsync(relay, ["a@x.example"])));
        await RunningProgram.RunAsync("kill", [await script.WaitForLineAsync("grandchild")]);
    }

    [Fact]
    public async Task Cancelled_attempt_ends_the_program_and_keeps_what_was_delivered()
    {
        using var script = new ScriptFile("[ \"$1\" = a ] && exit 0; trap 'exit 0' TERM; echo $$ >child; sleep 600 & wait");
        await using PipeRelay relay = RelayRun.Make($"{script.Path} {{recipient.local}}", Options);
        using var cancel = new CancellationTokenSource();
        Task<DeliveryReport> attempt = RelayRun.AttemptAsync(relay, ["a@x.example", "b@x.example", "c@x.example"], cancellationToken: cancel.Token);
        string child = await script.WaitForLineAsync("child");
        await cancel.CancelAsync();
        DeliveryReport report = await attempt;
        // It said 0 when it was told to stop, which is no delivery.
        Assert.Equal([OutcomeKind.Delivered, OutcomeKind.Transient, OutcomeKind.Transient], report.Outcomes.Select(static outcome => outcome.Kind));
        Assert.True(report.PossiblyDelivered);
        await ScriptFile.WaitForEndAsync(child);
    }

    [Fact]
    public async Task Attempt_cancelled_before_anything_ran_is_as_if_it_had_not_been()
    {
        using var script = new ScriptFile("echo ran >got");
        await using PipeRelay relay = RelayRun.Make(script.Path);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RelayRun.AttemptAsync(relay, Two, cancellationToken: new CancellationToken(canceled: true)));
        Assert.False(File.Exists(script["got"]));
    }

    [Fact]
    public async Task Disposal_ends_running_programs_and_waits_for_them()
    {
        using var script = new ScriptFile("echo $$ >child; exec sleep 600");
        PipeRelay relay = RelayRun.Make(script.Path, Options);
        Task<DeliveryReport> attempt = RelayRun.AttemptAsync(relay, ["a@x.example"]);
        string child = await script.WaitForLineAsync("child");
        await relay.DisposeAsync();
        await ScriptFile.WaitForEndAsync(child);
        Assert.Equal(OutcomeKind.Transient, Assert.Single((await attempt).Outcomes).Kind);
    }

    [Theory]
    [InlineData("kill -11 $$", 11)]
    [InlineData("kill -9 $$", 9)]
    [InlineData("kill -13 $$", 13)]
    public async Task Death_by_a_signal_is_transient(string death, int signal)
    {
        using var script = new ScriptFile(death);
        DeliveryReport report = await RelayRun.AttemptAsync(script.Path);
        Assert.Equal($"450 4.3.0 script was ended by signal {signal}", RelayRun.ReplyOf(report));
        Assert.True(report.PossiblyDelivered);
    }

    [Fact]
    public async Task A_gigabyte_of_errors_is_read_and_forgotten()
    {
        using var script = new ScriptFile("head -c 1073741824 /dev/zero | tr '\\0' 'x' >&2; exit 77");
        DeliveryReport report = await RelayRun.AttemptAsync(script.Path);
        Assert.StartsWith("550 5.7.0 script: xxxx", RelayRun.ReplyOf(report), StringComparison.Ordinal);
        Assert.InRange(report.Outcomes[0].Reply.Text.Length, 800, 1100);
    }

    [Theory]
    [InlineData("exit 0", "250 2.0.0 Delivered to script")]
    [InlineData("exit 67", "550 5.1.1 script: user unknown")]
    [InlineData("exec <&-; exit 0", "250 2.0.0 Delivered to script")]
    [InlineData("exec <&-; exec >&- 2>&-; exit 75", "450 4.3.0 script: temporary failure")]
    [InlineData("head -c 1 >/dev/null; exit 0", "250 2.0.0 Delivered to script")]
    public async Task Program_that_does_not_read_is_judged_by_its_exit_code(string what, string reply)
    {
        using var script = new ScriptFile(what);
        await using PipeRelay relay = RelayRun.Make(script.Path);
        MessageContent large = Contents.InMemory(new string('x', 2_000_000));
        Assert.Equal(reply, RelayRun.ReplyOf(await RelayRun.AttemptAsync(relay, ["a@x.example"], large)));
    }

    [Fact]
    public async Task Missing_program_is_like_a_host_that_is_down()
    {
        DeliveryReport report = await RelayRun.AttemptAsync("/nowhere/program {recipient}", null, Two);
        Assert.All(report.Outcomes, static outcome => Assert.StartsWith("450 4.3.5 program could not be started: it, or", outcome.Reply.ToString(), StringComparison.Ordinal));
        Assert.Equal(HopCondition.Down, report.Hop);
        Assert.False(report.PossiblyDelivered);
        Assert.Equal(HopCondition.Down, (await RelayRun.AttemptAsync("no-such-program-here")).Hop);
        Assert.Equal(HopCondition.Down, (await RelayRun.AttemptAsync("/bin/true", new PipeProcessOptions { Directory = "/nowhere" })).Hop);
        Assert.Equal(HopCondition.Up, (await RelayRun.AttemptAsync("true")).Hop);
    }

    [Fact]
    public async Task Program_that_vanishes_between_recipients_keeps_the_first_outcome()
    {
        using var script = new ScriptFile("rm script");
        DeliveryReport report = await RelayRun.AttemptAsync(script.Path, null, Two);
        Assert.Equal([OutcomeKind.Delivered, OutcomeKind.Transient], report.Outcomes.Select(static outcome => outcome.Kind));
        Assert.Equal(HopCondition.Up, report.Hop);
    }

    [Fact]
    public async Task Program_of_one_recipient_cannot_change_what_the_next_reads()
    {
        using var script = new ScriptFile("echo forged 2>/dev/null 1<>/proc/self/fd/0; cat >>got; exit 0");
        await using PipeRelay relay = RelayRun.Make(script.Path);
        DeliveryReport report = await RelayRun.AttemptAsync(relay, Two);
        Assert.All(report.Outcomes, static outcome => Assert.Equal(OutcomeKind.Delivered, outcome.Kind));
        string got = await File.ReadAllTextAsync(script["got"]);
        Assert.DoesNotContain("forged", got, StringComparison.Ordinal);
        Assert.Equal(got[..(got.Length / 2)], got[(got.Length / 2)..]);
    }

    [Fact]
    public async Task Program_that_is_not_executable_is_transient()
    {
        using var script = new ScriptFile("exit 0");
        File.SetUnixFileMode(script.Path, UnixFileMode.UserRead);
        DeliveryReport report = await RelayRun.AttemptAsync(script.Path);
        Assert.Equal("450 4.3.5 script could not be started: it cannot be executed", RelayRun.ReplyOf(report));
        Assert.Equal(HopCondition.Down, report.Hop);
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["odd"], [0x7F, 0x45, 0x4C, 0x46, 0, 0]);
        File.SetUnixFileMode(folder["odd"], (UnixFileMode)0b111_101_101);
        report = await RelayRun.AttemptAsync(folder["odd"]);
        Assert.Equal(OutcomeKind.Transient, report.Outcomes[0].Kind);
        Assert.Equal(HopCondition.Down, report.Hop);
    }

    [Fact]
    public async Task Content_that_cannot_be_read_is_transient_and_nothing_runs()
    {
        using var script = new ScriptFile("echo ran >got");
        await using PipeRelay relay = RelayRun.Make(script.Path);
        var broken = new StreamedContent(new byte[1000], 100) { FailsAt = 500 };
        DeliveryReport report = await RelayRun.AttemptAsync(relay, Two, broken);
        Assert.All(report.Outcomes, static outcome => Assert.StartsWith("450 4.3.0 The message could not be made ready", outcome.Reply.ToString(), StringComparison.Ordinal));
        Assert.False(File.Exists(script["got"]));
    }

    [Fact]
    public async Task Folder_for_scratch_files_that_is_missing_is_transient()
    {
        await using PipeRelay relay = RelayRun.Make("/bin/true", new PipeProcessOptions { ScratchDirectory = "/nowhere" });
        MessageContent large = Contents.InMemory(new string('x', 300_000));
        Assert.StartsWith("450 4.3.0 ", RelayRun.ReplyOf(await RelayRun.AttemptAsync(relay, ["a@x.example"], large)), StringComparison.Ordinal);
        Assert.Equal(OutcomeKind.Delivered, (await RelayRun.AttemptAsync(relay, ["a@x.example"])).Outcomes[0].Kind);
    }

    [FullFact("setpriv")]
    public async Task Program_runs_as_another_user_and_group()
    {
        if (Environment.UserName != "root")
            return;
        using var script = new ScriptFile("id -u >got; id -g >>got; id -G >>got; echo $HOME $USER >>got; head -c 15 >>got; head -c 8 /dev/stdin >>got");
        DeliveryReport report = await RelayRun.AttemptAsync($"{script.Path}", new PipeProcessOptions { User = "nobody", Group = "daemon" });
        Assert.Equal("250 2.0.0 Delivered to script", RelayRun.ReplyOf(report));
        string[] lines = await File.ReadAllLinesAsync(script["got"]);
        Assert.Equal("65534", lines[0]);
        Assert.Equal("1", lines[1]);
        Assert.DoesNotContain("0", lines[2].Split(' '));
        Assert.Equal("/nonexistent nobody", lines[3]);
        Assert.Equal("Received: here", lines[4]);
        Assert.Equal("Received", lines[5]);
        File.SetUnixFileMode(script.Path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        report = await RelayRun.AttemptAsync(script.Path, new PipeProcessOptions { User = "nobody" });
        Assert.Equal(OutcomeKind.Transient, report.Outcomes[0].Kind);
    }
}
