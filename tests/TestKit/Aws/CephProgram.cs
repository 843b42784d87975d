using System.Globalization;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.TestKit.Aws;

/// <summary>
/// A real Ceph of one monitor and one object server, with its gateway for the protocol of S3, on free loopback ports. Its objects are in its memory, its
/// other data in a temporary folder. It checks signatures, writes conditionally, and lists in order however much there is. Key <c>test</c>, secret <c>testing</c>.
/// </summary>
public sealed class CephProgram : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly Lazy<string?> Missing = new(static () =>
        CurrentTier.Value == TestTier.Long ? new FullFactAttribute("ceph", "ceph-authtool", "monmaptool", "ceph-mon", "ceph-osd", "radosgw", "radosgw-admin").Skip : "runs with SLIMTAFAST_TIER=long");

    private readonly TemporaryFolder _folder = new();
    private readonly List<RunningProgram> _programs = [];

    private CephProgram(int port) => Port = port;

    /// <summary>Why it cannot run on this machine, or in this tier; null where it can.</summary>
    public static string? WhyNot => Missing.Value;

    /// <summary>The key of the one user.</summary>
    public const string AccessKey = "test";

    /// <summary>The user's secret.</summary>
    public const string SecretKey = "testing";

    /// <summary>Where the gateway listens on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>Its address.</summary>
    public Uri Url => new($"http://127.0.0.1:{Port}");

    /// <summary>Starts one, where <see cref="WhyNot"/> says that it can run.</summary>
    public static async Task<CephProgram> StartAsync()
    {
        var ceph = new CephProgram(RunningProgram.FreePort());
        try
        {
            await ceph.StartServersAsync();
            return ceph;
        }
        catch
        {
            await ceph.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (RunningProgram program in Enumerable.Reverse(_programs))
            await program.DisposeAsync();
        _folder.Dispose();
    }

    private async Task StartServersAsync()
    {
        int monitor = RunningProgram.FreePort();
        string cluster = Guid.NewGuid().ToString();
        foreach (string folder in new[] { "mon", "osd", "rgw", "run", "log" })
            Directory.CreateDirectory(_folder[folder]);
        await File.WriteAllTextAsync(_folder["ceph.conf"], Configuration(cluster, monitor));
        await RunAsync("ceph-authtool", "--create-keyring", _folder["keyring"], "--gen-key", "-n", "mon.", "--cap", "mon", "allow *");
        foreach ((string name, string rights) in new[] { ("client.admin", "allow *"), ("client.rgw", "allow rwx"), ("osd.0", "allow profile osd") })
            await RunAsync("ceph-authtool", _folder["keyring"], "--gen-key", "-n", name, "--cap", "mon", rights, "--cap", "osd", name == "client.rgw" ? "allow rwx" : "allow *");
        await RunAsync("monmaptool", "--create", "--addv", "a", $"[v2:127.0.0.1:{Number(monitor)}]", "--fsid", cluster, _folder["map"]);
        await RunAsync("ceph-mon", "-c", _folder["ceph.conf"], "-i", "a", "--mkfs", "--monmap", _folder["map"], "--keyring", _folder["keyring"]);
        await StartAsync(monitor, "ceph-mon", "-i", "a", "-f");

        // The object server needs no port that others know: it tells the monitor.
        string store = Guid.NewGuid().ToString();
        await RunAsync("ceph", "-c", _folder["ceph.conf"], "--connect-timeout", "30", "osd", "new", store);
        await RunAsync("ceph-osd", "-c", _folder["ceph.conf"], "-i", "0", "--mkfs", "--osd-uuid", store);
        _programs.Add(RunningProgram.Start("ceph-osd", ["-c", _folder["ceph.conf"], "-i", "0", "-f"]));
        await StartAsync(Port, "radosgw", "-n", "client.rgw", "-f");
        await RunAsync("radosgw-admin", "-c", _folder["ceph.conf"], "-n", "client.rgw", "--admin-socket=", "user", "create", "--uid=test", "--display-name=test", $"--access-key={AccessKey}", $"--secret={SecretKey}");
    }

    private async Task StartAsync(int port, string program, params string[] arguments)
    {
        RunningProgram started = RunningProgram.Start(program, ["-c", _folder["ceph.conf"], .. arguments]);
        _programs.Add(started);
        await started.WaitForPortAsync(port, Limit);
    }

    private string Configuration(string cluster, int monitor) => $"""
        [global]
        fsid = {cluster}
        mon host = v2:127.0.0.1:{Number(monitor)}/0
        public addr = 127.0.0.1
        cluster addr = 127.0.0.1
        ms bind msgr1 = false
        keyring = {_folder["keyring"]}
        mon data = {_folder["mon"]}
        osd data = {_folder["osd"]}
        rgw data = {_folder["rgw"]}
        run dir = {_folder["run"]}
        crash dir = {_folder["run"]}
        admin socket = {_folder["run"]}/$name.asok
        log file = {_folder["log"]}/$name.log
        mon cluster log file = {_folder["log"]}/cluster.log
        mon data avail crit = 1
        mon allow pool size one = true
        osd objectstore = memstore
        memstore device bytes = 8589934592
        osd pool default size = 1
        osd pool default min size = 1
        osd pool default pg num = 8
        osd pool default pgp num = 8
        osd crush chooseleaf type = 0
        [client.rgw]
        rgw frontends = beast endpoint=127.0.0.1:{Number(Port)}

        """;

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static async Task RunAsync(string program, params string[] arguments)
    {
        (int code, string output) = await RunningProgram.RunAsync(program, arguments, null, Limit);
        if (code != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {output}");
    }
}
