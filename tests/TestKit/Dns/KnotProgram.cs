using System.Globalization;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.TestKit.Dns;

/// <summary>A real name server with zones of the test's own.</summary>
public sealed class KnotProgram : IAsyncDisposable
{
    private readonly RunningProgram _program;
    private readonly TemporaryFolder _folder;

    private KnotProgram(RunningProgram program, TemporaryFolder folder, int port)
    {
        _program = program;
        _folder = folder;
        Port = port;
    }

    /// <summary>Its port on 127.0.0.1, for UDP and TCP.</summary>
    public int Port { get; }

    /// <summary>Starts it with one zone, <c>mta.test</c>.</summary>
    /// <param name="records">Lines of the zone file, behind its SOA and NS.</param>
    public static Task<KnotProgram> StartAsync(string records) => StartAsync(new Dictionary<string, string> { ["mta.test"] = records });

    /// <summary>Starts it.</summary>
    /// <param name="zones">Zones by name without the final dot; of each the lines of its file, behind its SOA and NS.</param>
    public static async Task<KnotProgram> StartAsync(IReadOnlyDictionary<string, string> zones)
    {
        ArgumentNullException.ThrowIfNull(zones);
        var folder = new TemporaryFolder();
        int port = RunningProgram.FreePort();
        foreach (string name in new[] { "run", "db", "zones" })
            Directory.CreateDirectory(folder[name]);
        foreach ((string zone, string records) in zones)
        {
            await File.WriteAllTextAsync(folder[$"zones/{zone}.zone"], $"""
                $ORIGIN {zone}.
                $TTL 60
                @   SOA ns.{zone}. hostmaster.{zone}. 1 3600 600 86400 30
                @   NS  ns.{zone}.
                ns  A   127.0.0.1

                """ + records + "\n");
        }

        await File.WriteAllTextAsync(folder["knot.conf"], string.Create(CultureInfo.InvariantCulture, $"""
            server:
              rundir: {folder["run"]}
              listen: 127.0.0.1@{port}
              udp-workers: 1
              tcp-workers: 1
              background-workers: 1
            database:
              storage: {folder["db"]}
            log:
              - target: stderr
                any: info
            control:
              listen: {folder["run/knot.sock"]}
            template:
              - id: default
                storage: {folder["zones"]}
                file: "%s.zone"
            zone:

            """) + string.Concat(zones.Keys.Select(static zone => $"  - domain: {zone}\n")));
        RunningProgram program = RunningProgram.Start("/usr/sbin/knotd", ["-c", folder["knot.conf"]]);
        var server = new KnotProgram(program, folder, port);
        await program.WaitForPortAsync(port, TimeSpan.FromSeconds(15));
        await program.WaitForLineAsync(static line => line.Contains("server started", StringComparison.Ordinal), TimeSpan.FromSeconds(15));
        return server;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _program.StopAsync();
        await _program.DisposeAsync();
        _folder.Dispose();
    }
}
