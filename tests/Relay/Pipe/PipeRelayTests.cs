using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using SlimtaFast.Mail;
using SlimtaFast.TestKit;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.Relay.Tests.Pipe;

/// <summary>What a program gets, and for whom it runs: with real programs.</summary>
public sealed partial class PipeRelayTests
{
    private const string Lf = "Received: here\nFrom: alice@example.com\nTo: bob@example.org\nSubject: hello\n\nHello Bob.\n";

    [Theory]
    [InlineData(PipeLineEnds.Lf)]
    [InlineData(PipeLineEnds.CrLf)]
    public async Task Message_is_on_standard_input_octet_for_octet(PipeLineEnds lineEnds)
    {
        using var script = new ScriptFile("cat >got");
        DeliveryReport report = await RelayRun.AttemptAsync(script.Path, new PipeProcessOptions { LineEnds = lineEnds });
        Assert.Equal("250 2.0.0 Delivered to script", RelayRun.ReplyOf(report));
        Assert.Equal(lineEnds == PipeLineEnds.Lf ? Lf : Lf.Replace("\n", "\r\n", StringComparison.Ordinal), File.ReadAllText(script["got"]));
    }

    [Theory]
    [InlineData(100)]
    [InlineData(300_000)]
    [InlineData(9_000_000)]
    public async Task Message_on_a_medium_is_streamed_whatever_its_size(int length)
    {
        using var script = new ScriptFile("cat >\"$1\"");
        using var scratch = new TemporaryFolder();
        byte[] octets = new byte[length];
        new Random(length).NextBytes(octets);
        await using PipeRelay relay = RelayRun.Make($"{script.Path} {{recipient.local}}", new PipeProcessOptions { LineEnds = PipeLineEnds.CrLf, ScratchDirectory = scratch.Path });
        var content = new MediumContent(octets);
        DeliveryReport report = await RelayRun.AttemptAsync(relay, ["a@x.example", "b@x.example"], content);
        Assert.All(report.Outcomes, static outcome => Assert.Equal(OutcomeKind.Delivered, outcome.Kind));
        byte[] expected = [.. "Received: here\r\n"u8, .. octets];
        Assert.Equal(expected, await File.ReadAllBytesAsync(script["a"]));
        Assert.Equal(expected, await File.ReadAllBytesAsync(script["b"]));
        Assert.Equal(length, content.OctetsRead);
        Assert.True(content.IsFreed);
        Assert.Empty(Directory.EnumerateFileSystemEntries(scratch.Path));
    }

    [Fact]
    public async Task Program_cannot_change_what_the_next_one_reads()
    {
        using var script = new ScriptFile("printf X 1<>/dev/stdin 2>/dev/null; head -c 5 >/dev/null; cat >\"$1\"");
        await using PipeRelay relay = RelayRun.Make($"{script.Path} {{recipient.local}}");
        await RelayRun.AttemptAsync(relay, ["a@x.example", "b@x.example"]);
        Assert.Equal(Lf[5..], File.ReadAllText(script["a"]));
        Assert.Equal(Lf[5..], File.ReadAllText(script["b"]));
    }

    [Fact]
    public async Task No_shell_sees_an_argument()
    {
        using var script = new ScriptFile("printf '<%s>' \"$@\" >got");
        await RelayRun.AttemptAsync($"{script.Path} -f {{sender}} '{{recipient.local}} $HOME `id`' ''", null, "\"$(touch pwned);'x\"@example.org");
        Assert.Equal("<-f><alice@example.com><\"$(touch pwned);'x\" $HOME `id`><>", File.ReadAllText(script["got"]));
    }

    [Fact]
    public async Task Null_sender_is_an_empty_argument()
    {
        using var script = new ScriptFile("printf '<%s>' \"$@\" >got");
        await using PipeRelay relay = RelayRun.Make($"{script.Path} -f {{sender}} x");
        await RelayRun.AttemptAsync(relay, ["bob@example.org"], from: "");
        Assert.Equal("<-f><><x>", File.ReadAllText(script["got"]));
    }

    [Fact]
    public async Task Address_like_an_option_bounces_and_nothing_runs()
    {
        using var script = new ScriptFile("echo ran >>got");
        DeliveryReport report = await RelayRun.AttemptAsync($"{script.Path} {{recipient}}", null, "-rf@example.org", "bob@example.org");
        Assert.Equal([OutcomeKind.Permanent, OutcomeKind.Delivered], report.Outcomes.Select(static outcome => outcome.Kind));
        Assert.Equal("ran\n", File.ReadAllText(script["got"]));
    }

    [Fact]
    public async Task One_process_runs_for_each_recipient_and_outcomes_are_their_own()
    {
        using var script = new ScriptFile("""
            echo "$1" >>got
            case $1 in
              hard) echo '5.1.1 nobody here'; exit 75;;
              soft) echo 'come again' >&2; exit 75;;
              die) kill -9 $$;;
            esac
            """);
        DeliveryReport report = await RelayRun.AttemptAsync(
            $"{script.Path} {{recipient.local}}", null, "one@x.example", "hard@x.example", "soft@x.example", "die@x.example", "last@x.example");
        Assert.Equal(
            [
                "250 2.0.0 Delivered to script",
                "550 5.1.1 script: nobody here",
                "450 4.3.0 script: come again",
                "450 4.3.0 script was ended by signal 9",
                "250 2.0.0 Delivered to script",
            ],
            report.Outcomes.Select(static outcome => outcome.Reply.ToString()));
        Assert.Equal(HopCondition.Up, report.Hop);
        Assert.True(report.PossiblyDelivered);
        Assert.Equal(["one", "hard", "soft", "die", "last"], await File.ReadAllLinesAsync(script["got"]));
    }

    [Fact]
    public async Task One_process_may_run_for_several_recipients()
    {
        using var script = new ScriptFile("printf '<%s>' \"$@\" >>got; echo >>got; [ $# -lt 7 ]");
        DeliveryReport report = await RelayRun.AttemptAsync(
            $"{script.Path} -f {{sender}} --to={{recipient.local}} -d {{recipient}}",
            new PipeProcessOptions { RecipientsPerProcess = 2, PermanentExitCodes = [1] },
            "a@x.example",
            "b@x.example",
            "c@x.example");
        Assert.Equal(
            ["<-f><alice@example.com><--to=a><--to=b><-d><a@x.example><b@x.example>", "<-f><alice@example.com><--to=c><-d><c@x.example>"],
            await File.ReadAllLinesAsync(script["got"]));
        Assert.Equal([OutcomeKind.Permanent, OutcomeKind.Permanent, OutcomeKind.Delivered], report.Outcomes.Select(static outcome => outcome.Kind));
    }

    [Fact]
    public async Task Address_that_cannot_be_given_takes_no_other_with_it()
    {
        using var script = new ScriptFile("echo \"$*\" >>got");
        DeliveryReport report = await RelayRun.AttemptAsync(
            $"{script.Path} {{recipient}}", new PipeProcessOptions { RecipientsPerProcess = 10 }, "-a@x.example", "b@x.example", "c@x.example", "-d@x.example", "e@x.example");
        Assert.Equal(
            [OutcomeKind.Permanent, OutcomeKind.Delivered, OutcomeKind.Delivered, OutcomeKind.Permanent, OutcomeKind.Delivered],
            report.Outcomes.Select(static outcome => outcome.Kind));
        Assert.Equal(["b@x.example c@x.example", "e@x.example"], await File.ReadAllLinesAsync(script["got"]));
    }

    [Fact]
    public async Task Command_without_recipient_runs_once_for_a_message_where_that_is_asked()
    {
        using var script = new ScriptFile("echo ran >>got; exit 77");
        DeliveryReport report = await RelayRun.AttemptAsync(script.Path, new PipeProcessOptions { RecipientsPerProcess = 2 }, "a@x.example", "b@x.example", "c@x.example");
        Assert.All(report.Outcomes, static outcome => Assert.Equal(OutcomeKind.Permanent, outcome.Kind));
        Assert.Equal(3, report.Outcomes.Count);
        Assert.Equal("ran\n", File.ReadAllText(script["got"]));
    }

    [Fact]
    public async Task Fields_of_final_delivery_go_in_front_and_a_loop_ends()
    {
        using var script = new ScriptFile("cat >\"$1\"");
        var options = new PipeProcessOptions { AddReturnPath = true, AddDeliveredTo = true };
        await using PipeRelay relay = RelayRun.Make($"{script.Path} {{recipient.local}}", options);
        DeliveryReport report = await RelayRun.AttemptAsync(
            relay, ["a@x.example", "b@x.example", "c@x.example"], Contents.InMemory("Delivered-To: B@x.example\r\nSubject: s\r\n\r\nx\r\n"));
        Assert.Equal(
            [OutcomeKind.Delivered, OutcomeKind.Permanent, OutcomeKind.Delivered], report.Outcomes.Select(static outcome => outcome.Kind));
        Assert.StartsWith("554 5.4.6 ", report.Outcomes[1].Reply.ToString(), StringComparison.Ordinal);
        const string Rest = "Received: here\nDelivered-To: B@x.example\nSubject: s\n\nx\n";
        Assert.Equal("Return-Path: <alice@example.com>\nDelivered-To: a@x.example\n" + Rest, File.ReadAllText(script["a"]));
        Assert.Equal("Return-Path: <alice@example.com>\nDelivered-To: c@x.example\n" + Rest, File.ReadAllText(script["c"]));
        Assert.False(File.Exists(script["b"]));
    }

    [Fact]
    public async Task Environment_is_small_and_clean()
    {
        using var script = new ScriptFile("/usr/bin/env >got; pwd >>where");
        Environment.SetEnvironmentVariable("SLIMTAFAST_TEST_SECRET", "x");
        await RelayRun.AttemptAsync(script.Path, new PipeProcessOptions { Environment = new Dictionary<string, string> { ["GREETING"] = "hello there" } });
        string[] variables = await File.ReadAllLinesAsync(script["got"]);
        Assert.Contains("GREETING=hello there", variables);
        Assert.Contains("PATH=/usr/local/bin:/usr/bin:/bin", variables);
        // PWD and the like are the shell's own.
        Assert.Subset(
            new HashSet<string> { "GREETING", "PATH", "TZ", "PWD", "OLDPWD", "_", "SHLVL" },
            variables.Select(static line => line.Split('=')[0]).ToHashSet());
    }

    [Fact]
    public async Task Signals_are_as_usual_and_the_program_leads_a_group_of_its_own()
    {
        using var script = new ScriptFile("grep -E '^Sig(Ign|Blk)' /proc/self/status >got; cut -d' ' -f1,5,6 /proc/$$/stat >ids");
        await RelayRun.AttemptAsync(script.Path);
        // 32 and 33 are the C library's own.
        Assert.All(await File.ReadAllLinesAsync(script["got"]), static line => Assert.Equal(0UL, Convert.ToUInt64(line[^16..], 16) & 0x7FFF_FFFF));
        string[] ids = File.ReadAllText(script["ids"]).Trim().Split(' ');
        Assert.All(ids, id => Assert.Equal(ids[0], id));
    }

    [Fact]
    public async Task No_descriptor_of_ours_is_left_open_in_the_program()
    {
        using var script = new ScriptFile("ls -l /proc/$$/fd >raw.$$; sed -n 's/.* -> //p' raw.$$ >got.$$");
        // One that stays open over the start of a program unless somebody closes it, as the runtime has some for a moment.
        using var open = new SafeFileHandle(Open("/etc/passwd", flags: 0), ownsHandle: true);
        Assert.False(open.IsInvalid);
        await using PipeRelay relay = RelayRun.Make(script.Path);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => RelayRun.AttemptAsync(relay, ["a@x.example"])));
        string folder = Path.GetDirectoryName(script.Path)!;
        string[] results = Directory.GetFiles(folder, "got.*");
        Assert.Equal(8, results.Length);
        foreach (string result in results)
        {
            // Standard input and two outputs, and the script itself.
            string[] files = await File.ReadAllLinesAsync(result);
            Assert.Single(files, static file => file.StartsWith("/memfd:", StringComparison.Ordinal));
            Assert.Equal(2, files.Count(static file => file.StartsWith("pipe:", StringComparison.Ordinal)));
            Assert.DoesNotContain(files, file => file[0] == '/' && !file.StartsWith("/memfd:", StringComparison.Ordinal) && !file.StartsWith(folder, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task No_more_processes_run_at_once_than_allowed()
    {
        using var script = new ScriptFile("echo + >>log; read -r line <go.\"$1\"; echo - >>log");
        await using PipeRelay relay = RelayRun.Make($"{script.Path} {{recipient.local}}", new PipeProcessOptions { MaxProcesses = 2 });
        string[] names = ["a", "b", "c", "d", "e"];
        foreach (string name in names)
            await TestKit.Processes.RunningProgram.RunAsync("mkfifo", [script[$"go.{name}"]]);
        Task<DeliveryReport>[] attempts = [.. names.Select(name => RelayRun.AttemptAsync(relay, [$"{name}@x.example"]))];
        // Each waits for its own pipe to be opened for writing; whoever runs is let go, whoever waits in the relay will open it later. Opening blocks until
        // then, and nobody knows in which order they run: so each has a thread.
        await Task.WhenAll(names.Select(name => Task.Factory.StartNew(
            () => File.WriteAllText(script[$"go.{name}"], "go\n"), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        await Task.WhenAll(attempts);
        int running = 0, most = 0;
        foreach (string line in await File.ReadAllLinesAsync(script["log"]))
        {
            running += line == "+" ? 1 : -1;
            most = Math.Max(most, running);
        }

        Assert.Equal(0, running);
        Assert.InRange(most, 1, 2);
        Assert.All(attempts, static attempt => Assert.Equal(OutcomeKind.Delivered, attempt.Result.Outcomes[0].Kind));
    }

    [Fact]
    public async Task Ready_made_relays_need_no_arguments_and_have_one_hop()
    {
        await using var maildrop = new MaildropRelay();
        await using var dovecot = new DovecotLdaRelay();
        Assert.Equal("pipe:maildrop", maildrop.GetNextHop("a.example"));
        Assert.Equal("pipe:/usr/lib/dovecot/dovecot-lda", dovecot.GetNextHop("b.example"));
    }

    [Fact]
    public async Task Ready_made_relays_give_their_arguments_and_a_return_path()
    {
        using var script = new ScriptFile("printf '<%s>' \"$@\" >args; cat >got");
        await using (var relay = new MaildropRelay(new MaildropRelayOptions { Path = script.Path, ExtraArguments = ["-V", "9"] }))
            Assert.True((await RelayRun.AttemptAsync(relay, ["bob@x.example"])).Outcomes[0].IsFinal);
        Assert.Equal("<-d><bob><-f><alice@example.com><-V><9>", File.ReadAllText(script["args"]));
        Assert.Equal("Return-Path: <alice@example.com>\n" + Lf, File.ReadAllText(script["got"]));
        // They are values of options there, so they may begin with anything.
        await using (var relay = new MaildropRelay(new MaildropRelayOptions { Path = script.Path }))
            await RelayRun.AttemptAsync(relay, ["-x@x.example"], from: "-y@x.example");
        Assert.Equal("<-d><-x><-f><-y@x.example>", File.ReadAllText(script["args"]));
        await using (var relay = new DovecotLdaRelay(new DovecotLdaRelayOptions { Path = script.Path, ExtraArguments = ["{recipient}"] }))
            Assert.StartsWith("553 5.1.3 ", RelayRun.ReplyOf(await RelayRun.AttemptAsync(relay, ["-x@x.example"])), StringComparison.Ordinal);
        await using (var relay = new DovecotLdaRelay(new DovecotLdaRelayOptions { Path = script.Path }))
            Assert.Equal("250 2.0.0 Delivered to dovecot-lda", RelayRun.ReplyOf(await RelayRun.AttemptAsync(relay, ["bob@x.example"])));
        Assert.Equal("<-f><alice@example.com><-d><bob@x.example><-e>", File.ReadAllText(script["args"]));
    }

    [Fact]
    public void Impossible_options_are_refused()
    {
        static void Refused(PipeProcessOptions options) => Assert.ThrowsAny<ArgumentException>(() => RelayRun.Make("/bin/true", options));
        Refused(new PipeProcessOptions { Timeout = TimeSpan.Zero });
        Refused(new PipeProcessOptions { MaxProcesses = 0 });
        Refused(new PipeProcessOptions { RecipientsPerProcess = 2, AddDeliveredTo = true });
        Refused(new PipeProcessOptions { Directory = "here" });
        Refused(new PipeProcessOptions { TransientExitCodes = [1], PermanentExitCodes = [1] });
        Refused(new PipeProcessOptions { PermanentExitCodes = [0] });
        Refused(new PipeProcessOptions { User = "no-such-user-here" });
        Refused(new PipeProcessOptions { Group = "no-such-group-here" });
        Refused(new PipeProcessOptions { Environment = new Dictionary<string, string> { ["A=B"] = "x" } });
        Assert.Throws<FormatException>(() => RelayRun.Make("{sender} x"));
        Assert.Throws<FormatException>(() => RelayRun.Make("bin/x"));
        Assert.Throws<FormatException>(() => RelayRun.Make(" "));
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);
}
