using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.Server.Tests.Processes;

/// <summary>The server under a service manager: what systemd is told, and the unit that is shipped.</summary>
public sealed class SystemdTests
{
    private static Socket Listen(TemporaryFolder folder)
    {
        var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(folder["notify"]));
        return manager;
    }

    private static RunningProgram Start(TemporaryFolder folder) => RunningProgram.Start(
        SlimtafastProgram.Path,
        ["serve", "--listen", "127.0.0.1:0", "--storage", $"disk:{folder["spool"]}", "--relay", "hold:"],
        environment: new Dictionary<string, string> { ["NOTIFY_SOCKET"] = folder["notify"] });

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Service_manager_is_told_when_the_server_listens_and_when_it_stops()
    {
        using var folder = new TemporaryFolder();
        using Socket manager = Listen(folder);
        await using RunningProgram server = Start(folder);
        Assert.Contains("READY=1", await ReceiveAsync(manager), StringComparison.Ordinal);
        server.Signal(PosixSignal.SIGTERM);
        Assert.Contains("STOPPING=1", await ReceiveAsync(manager), StringComparison.Ordinal);
        Assert.Equal(0, await server.WaitForExitAsync(Limit));
    }

    [Fact]
    public async Task Service_manager_is_told_when_a_reload_begins_and_ends()
    {
        using var folder = new TemporaryFolder();
        using Socket manager = Listen(folder);
        await using RunningProgram server = Start(folder);
        Assert.Contains("READY=1", await ReceiveAsync(manager), StringComparison.Ordinal);
        // systemd believes a reload that began after it asked for one only, by the monotonic clock.
        long asked = Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000);
        server.Signal(PosixSignal.SIGHUP);
        string[] begins = (await ReceiveAsync(manager)).Split('\n');
        Assert.Equal("RELOADING=1", begins[0]);
        Assert.StartsWith("MONOTONIC_USEC=", begins[1], StringComparison.Ordinal);
        Assert.True(long.Parse(begins[1]["MONOTONIC_USEC=".Length..], CultureInfo.InvariantCulture) >= asked);
        Assert.StartsWith("READY=1", await ReceiveAsync(manager), StringComparison.Ordinal);
        Assert.Equal(0, await server.StopAsync());
    }

    [FullFact("systemd-analyze")]
    public async Task Unit_is_what_systemd_understands()
    {
        using var folder = new TemporaryFolder();
        string unit = await File.ReadAllTextAsync(RepositoryTree.Find("packaging/systemd/slimtafast.service"));
        Assert.Contains("Type=notify-reload\n", unit, StringComparison.Ordinal);
        (_, string version) = await RunningProgram.RunAsync("systemd-analyze", ["--version"]);
        if (int.Parse(version.Split(' ')[1], CultureInfo.InvariantCulture) < 253)
            unit = unit.Replace("Type=notify-reload\n", "", StringComparison.Ordinal) + await File.ReadAllTextAsync(RepositoryTree.Find("packaging/systemd/before-253.conf"));
        string copy = folder["slimtafast.service"];
        await File.WriteAllTextAsync(copy, unit.Replace("/usr/lib/slimtafast/slimtafast", "/bin/true", StringComparison.Ordinal));
        (int code, string output) = await RunningProgram.RunAsync("systemd-analyze", ["verify", "--man=no", copy]);
        Assert.True(code == 0 && !output.Contains("slimtafast.service", StringComparison.Ordinal), output);
    }

    private static async Task<string> ReceiveAsync(Socket manager)
    {
        using var limit = new CancellationTokenSource(Limit);
        byte[] datagram = new byte[4096];
        int count = await manager.ReceiveAsync(datagram, limit.Token);
        return Encoding.UTF8.GetString(datagram, 0, count);
    }
}
