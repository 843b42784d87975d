using System.Globalization;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.TestKit.Aws;

/// <summary>
/// A server that speaks the protocols of S3 and SQS (fauxqs, by npm) on a free loopback port. What it has is in its memory. It asks nobody who they are and
/// ignores the conditions of a write.
/// </summary>
public sealed class FauxqsProgram : IAsyncDisposable
{
    private const string Package = "fauxqs@1.9.2";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    // It would listen on all addresses.
    private const string Script = """
        import net from 'node:net';
        const listen = net.Server.prototype.listen;
        net.Server.prototype.listen = function (o, ...r) {
          if (o && typeof o === 'object' && o.host === '0.0.0.0') o = { ...o, host: '127.0.0.1' };
          return listen.call(this, o, ...r); };
        const { startFauxqs } = await import(process.env.FAUXQS);
        await startFauxqs({ port: Number(process.env.PORT), logger: false });
        console.log('ready');
        """;

    private readonly TemporaryFolder _folder = new();
    private RunningProgram? _program;

    private FauxqsProgram(int port) => Port = port;

    /// <summary>Where it listens on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>Its address.</summary>
    public Uri Url => new($"http://127.0.0.1:{Port}");

    /// <summary>Starts one; installs it into the tree's artifacts where it is not there.</summary>
    public static async Task<FauxqsProgram> StartAsync()
    {
        string home = RepositoryTree.Find("artifacts/fauxqs");
        if (!Directory.Exists(Path.Combine(home, "node_modules", "fauxqs")))
        {
            Directory.CreateDirectory(home);
            (int code, string output) = await RunningProgram.RunAsync("npm", ["install", "--prefix", home, "--no-audit", "--no-fund", Package], null, TimeSpan.FromMinutes(3));
            if (code != 0)
                throw new InvalidOperationException($"npm could not install {Package}: {output}");
        }

        var fauxqs = new FauxqsProgram(RunningProgram.FreePort());
        try
        {
            string main = Directory.EnumerateFiles(Path.Combine(home, "node_modules", "fauxqs", "dist"), "app.js").Single();
            await File.WriteAllTextAsync(fauxqs._folder["run.mjs"], Script);
            fauxqs._program = RunningProgram.Start(
                "node",
                [fauxqs._folder["run.mjs"]],
                null,
                new Dictionary<string, string> { ["PORT"] = fauxqs.Port.ToString(CultureInfo.InvariantCulture), ["FAUXQS"] = main });
            await fauxqs._program.WaitForLineAsync(static line => line == "ready", Limit);
            return fauxqs;
        }
        catch
        {
            await fauxqs.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_program is not null)
            await _program.DisposeAsync();
        _folder.Dispose();
    }
}
