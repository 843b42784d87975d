using System.Globalization;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.EndToEnd.Tests.Routing;

/// <summary>A real name server with one zone of the test's own, <c>mta.test</c>.</summary>
internal sealed class KnotProgram : IAsyncDisposable
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

    /// <summary>Starts it.</summary>
    /// <param name="records">Lines of the zone file, behind its SOA and NS.</param>
    public static async Task<KnotProgram> StartAsync(string records)
    {
        var folder = new TemporaryFolder();
        int port = RunningProgram.FreePort();
        foreach (string name in new[] { "run", "db", "zones" })
            Directory.CreateDirectory(folder[name]);
        await File.WriteAllTextAsync(folder["zones/mta.test.zone"], $"""
            $ORIGIN mta.test.
            $TTL 60
            @   SOA ns.mta.test. hostmaster.mta.test. 1 3600 600 86400 30
            @   NS  ns.mta.test.
            ns  A   127.0.0.1
            {records}

            """);
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
              - domain: mta.test

            """));
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
