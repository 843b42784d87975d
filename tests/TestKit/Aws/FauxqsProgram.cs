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
    private const int LeastNode = 20;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan InstallLimit = TimeSpan.FromMinutes(3);
    private static readonly Lazy<string?> Missing = new(FindMissing);

    // It would listen on all addresses.
    private const string Script = """
        import net from 'node:net';
        const listen = net.Server.prototype.listen;
        net.Server.prototype.listen = function (o, ...r) {
          if (o && typeof o === 'object' && o.host === '0.0.0.0') o = { ...o, host: '127.0.0.1' };
          return listen.call(this, o, ...r); };
        const { startFauxqs } = await import(process.env.FAUXQS);
        await startFauxqs({ port: Number(process.env.PORT), logger: false, init: JSON.parse(process.env.INIT) });
        console.log('ready');
        """;

    private readonly TemporaryFolder _folder = new();
    private RunningProgram? _program;

    private FauxqsProgram(int port) => Port = port;

    /// <summary>Where it listens on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>Its address.</summary>
    public Uri Url => new($"http://127.0.0.1:{Port}");

    /// <summary>
    /// Why there is none on this machine, or in this tier; null where there is one. The first who asks installs it into the tree's artifacts, unless it is
    /// there.
    /// </summary>
    public static string? WhyNot => Missing.Value;

    private static string Home => RepositoryTree.Find("artifacts/fauxqs");

    private static string Main => Path.Combine(Home, "node_modules", "fauxqs", "dist", "app.js");

    /// <summary>Starts one, where <see cref="WhyNot"/> says that there is one.</summary>
    /// <param name="bucket">A bucket that it has from the start; empty for none.</param>
    /// <param name="queue">A queue that it has from the start; empty for none.</param>
    public static async Task<FauxqsProgram> StartAsync(string bucket = "", string queue = "")
    {
        var fauxqs = new FauxqsProgram(RunningProgram.FreePort());
        try
        {
            await File.WriteAllTextAsync(fauxqs._folder["run.mjs"], Script);
            fauxqs._program = RunningProgram.Start(
                "node",
                [fauxqs._folder["run.mjs"]],
                null,
                new Dictionary<string, string>
                {
                    ["PORT"] = fauxqs.Port.ToString(CultureInfo.InvariantCulture),
                    ["FAUXQS"] = Main,
                    ["INIT"] = $$"""{"buckets":[{{(bucket.Length > 0 ? $"\"{bucket}\"" : "")}}],"queues":[{{(queue.Length > 0 ? $$"""{"name":"{{queue}}"}""" : "")}}]}""",
                });
            await fauxqs._program.WaitForLineAsync(static line => line == "ready", Limit);
            return fauxqs;
        }
        catch
        {
            await fauxqs.DisposeAsync();
            throw;
        }
    }

    // In an attribute's constructor nobody can await.
    private static string? FindMissing() => new FullFactAttribute("node", "npm").Skip ?? Task.Run(FindMissingAsync).GetAwaiter().GetResult();

    private static async Task<string?> FindMissingAsync()
    {
        try
        {
            (_, string version) = await RunningProgram.RunAsync("node", ["--version"]);
            if (!int.TryParse(version.Trim().TrimStart('v').Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out int major) || major < LeastNode)
                return $"this machine has Node {version.Trim()}, and {Package} needs version {LeastNode}";
            if (File.Exists(Main))
                return null;
            Directory.CreateDirectory(Home);
            (int code, string output) = await RunningProgram.RunAsync("npm", ["install", "--prefix", Home, "--no-audit", "--no-fund", Package], null, InstallLimit);
            return code == 0 && File.Exists(Main) ? null : $"npm could not install {Package}: {output.Trim().Split('\n')[0]}";
        }
        catch (TimeoutException)
        {
            return $"npm could not install {Package} within {InstallLimit.TotalMinutes} minutes";
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
