using System.Runtime.Versioning;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.EndToEnd.Tests.Programs;

/// <summary>The real server with programs that misbehave, and kills of the server itself: nothing is lost, torn or delivered twice without need.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class ProgramDeliveryTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [FullFact]
    public async Task Each_recipient_gets_the_message_once_though_the_first_tries_fail_in_all_ways()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["new"]);
        string script = Write(folder, """
            if [ ! -e "tried.$1" ]; then
              touch "tried.$1"
              case $1 in
                *1) exit 75;;
                *2) kill -9 $$;;
                *3) head -c 1000000 /dev/zero >&2; exit 1;;
                *4) exec <&-; exec >&- 2>&-; exit 127;;
              esac
            fi
            cat >"tmp.$1.$$"; mv "tmp.$1.$$" "new/$1.$$"
            """);
        await using ProgramServer server = await ProgramServer.StartAsync(folder, $"pipe:{script} {{recipient.local}}", ("Pipe:MaxProcesses", "5"));
        string[] names = [.. Enumerable.Range(0, 30).Select(static i => $"user{i}")];
        foreach (string[] some in names.Chunk(6))
            await server.SendAsync(folder, Message("once"), "a@client.test", [.. some.Select(static name => $"{name}@box.test")]);
        IReadOnlyList<string> files = await MailFolder.WaitAsync(folder["new"], names.Length, Limit, () => server.Program.Output);
        Assert.Equal(0, await server.Program.StopAsync());
        Assert.Equal(names.Order(), Directory.GetFiles(folder["new"]).Select(static file => Path.GetFileNameWithoutExtension(file)).Order());
        Assert.All(files, static file => Assert.EndsWith("\n\nonce\n", MailFolder.Read(file), StringComparison.Ordinal));
    }

    [FullFact]
    public async Task Killed_server_leaves_a_program_that_reads_the_whole_message_and_delivers_it_again_at_most()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["new"]);
        await RunningProgram.RunAsync("mkfifo", [folder["go"]]);
        string script = Write(folder, """
            echo $$ >>started
            head -c 10 >"tmp.$$"
            [ -e released ] || read -r line <go
            cat >>"tmp.$$"; mv "tmp.$$" "new/$$"
            """);
        string body = string.Concat(Enumerable.Repeat(new string('z', 70) + "\r\n", 20_000)) + "END";
        ProgramServer first = await ProgramServer.StartAsync(folder, $"pipe:{script}");
        await using (first)
        {
            await first.SendAsync(folder, Message(body), "a@client.test", "bob@box.test");
            await WaitForFileAsync(folder["started"]);
            first.Program.Kill();
            await first.Program.WaitForExitAsync(Limit);
        }

        await File.WriteAllTextAsync(folder["released"], "");
        await File.WriteAllTextAsync(folder["go"], "go\n");
        await MailFolder.WaitAsync(folder["new"], 1, Limit, () => "the first program did not end");
        await using ProgramServer second = await ProgramServer.StartAsync(folder, $"pipe:{script}");
        // The killed server never learned that it was delivered.
        IReadOnlyList<string> files = await MailFolder.WaitAsync(folder["new"], 2, Limit, () => second.Program.Output);
        Assert.All(files, static file => Assert.EndsWith("z\nEND\n", MailFolder.Read(file), StringComparison.Ordinal));
        Assert.Equal(MailFolder.Read(files[0]), MailFolder.Read(files[1]));
        Assert.Equal(0, await second.Program.StopAsync());
    }

    [FullFact]
    public async Task Stopping_server_ends_a_hanging_program_and_its_children_and_the_message_stays()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["new"]);
        string script = Write(folder, """
            [ -e released ] && { cat >"tmp.$$"; mv "tmp.$$" "new/$$"; exit 0; }
            sleep 600 & echo $! >started
            trap 'exit 0' TERM
            while :; do wait; done
            """);
        await using (ProgramServer first = await ProgramServer.StartAsync(folder, $"pipe:{script}", ("Queue:StopGrace", "100ms")))
        {
            await first.SendAsync(folder, Message("later"), "a@client.test", "bob@box.test");
            string grandchild = await WaitForFileAsync(folder["started"]);
            Assert.Equal(0, await first.Program.StopAsync());
            await WaitForEndAsync(grandchild);
        }

        await File.WriteAllTextAsync(folder["released"], "");
        await using ProgramServer second = await ProgramServer.StartAsync(folder, $"pipe:{script}");
        IReadOnlyList<string> files = await MailFolder.WaitAsync(folder["new"], 1, Limit, () => second.Program.Output);
        Assert.EndsWith("\n\nlater\n", MailFolder.Read(Assert.Single(files)), StringComparison.Ordinal);
        Assert.Equal(0, await second.Program.StopAsync());
    }

    [FullFact]
    public async Task Stopping_server_keeps_the_outcomes_that_an_attempt_for_several_had_reached()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["new"]);
        string script = Write(folder, """
            case "$1" in
              first) cat >"tmp.$$"; mv "tmp.$$" "new/first.$$"; exit 0 ;;
              refused) echo 5.1.1 nobody here; exit 67 ;;
            esac
            [ -e released ] && { cat >"tmp.$$"; mv "tmp.$$" "new/last.$$"; exit 0; }
            echo $$ >started
            exec sleep 600
            """);
        string relay = $"pipe:{script} {{recipient.local}}";
        await using (ProgramServer first = await ProgramServer.StartAsync(folder, relay, ("Queue:StopGrace", "100ms")))
        {
            await first.SendAsync(folder, Message("once"), "", "first@box.test", "refused@box.test", "last@box.test");
            string child = await WaitForFileAsync(folder["started"]);
            Assert.Equal(0, await first.Program.StopAsync());
            await WaitForEndAsync(child);
        }

        await File.WriteAllTextAsync(folder["released"], "");
        await using ProgramServer second = await ProgramServer.StartAsync(folder, relay);
        IReadOnlyList<string> files = await MailFolder.WaitAsync(folder["new"], 2, Limit, () => second.Program.Output);
        Assert.Equal(["first", "last"], files.Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal));
        Assert.Equal(0, await second.Program.StopAsync());
        Assert.Equal(2, Directory.GetFiles(folder["new"]).Length);
    }

    [FullFact]
    public async Task Mail_waits_for_a_program_that_is_missing_and_for_one_that_hangs()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["new"]);
        await using ProgramServer server = await ProgramServer.StartAsync(
            folder, $"pipe:{folder["script"]}", ("Queue:HopRetryFirst", "200ms"), ("Queue:HopRetryMost", "400ms"), ("Pipe:Timeout", "1s"), ("Pipe:KillDelay", "200ms"));
        await server.SendAsync(folder, Message("patience"), "a@client.test", "bob@box.test");
        await server.Program.WaitForLineAsync(static line => line.Contains("could not be started", StringComparison.Ordinal), Limit);
        Write(folder, """
            if [ ! -e started ]; then
              trap '' TERM
              sleep 600 & echo $! >started
              while :; do wait; done
            fi
            cat >"tmp.$$"; mv "tmp.$$" "new/$$"
            """);
        string grandchild = await WaitForFileAsync(folder["started"]);
        await server.Program.WaitForLineAsync(static line => line.Contains("4.4.2", StringComparison.Ordinal), Limit);
        IReadOnlyList<string> files = await MailFolder.WaitAsync(folder["new"], 1, Limit, () => server.Program.Output);
        Assert.EndsWith("\n\npatience\n", MailFolder.Read(Assert.Single(files)), StringComparison.Ordinal);
        await WaitForEndAsync(grandchild);
        Assert.Equal(0, await server.Program.StopAsync());
    }

    private static string Message(string body) => $"From: a@client.test\r\nSubject: program\r\n\r\n{body}\r\n";

    private static string Write(TemporaryFolder folder, string script)
    {
        // Renamed into place: a file that is open for writing cannot be executed.
        File.WriteAllText(folder["script.tmp"], $"#!/bin/sh\ncd '{folder.Path}' || exit 99\n{script}\n");
        File.SetUnixFileMode(folder["script.tmp"], (UnixFileMode)0b111_101_101);
        File.Move(folder["script.tmp"], folder["script"]);
        return folder["script"];
    }

    private static async Task<string> WaitForFileAsync(string path)
    {
        using var deadline = new CancellationTokenSource(Limit);
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!File.Exists(path) || !(await File.ReadAllTextAsync(path)).EndsWith('\n'))
            await poll.WaitForNextTickAsync(deadline.Token);
        return (await File.ReadAllTextAsync(path)).Trim();
    }

    private static async Task WaitForEndAsync(string processId)
    {
        using var deadline = new CancellationTokenSource(Limit);
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (IsRunning(processId))
            await poll.WaitForNextTickAsync(deadline.Token);
    }

    // One that has ended stays in the table until its new parent has reaped it.
    private static bool IsRunning(string processId)
    {
        string status = $"/proc/{processId}/status";
        return File.Exists(status) && File.ReadAllLines(status).Any(static line => line.StartsWith("State:", StringComparison.Ordinal) && !line.Contains('Z', StringComparison.Ordinal));
    }
}
