using System.Globalization;
using System.Runtime.InteropServices;
using SlimtaFast.TestKit.Processes;
using SlimtaFast.TestKit.Tiers;

namespace SlimtaFast.TestKit.OpenStack;

/// <summary>
/// A real OpenStack Swift: one account, container and object server and a proxy with TempAuth and the protocol of S3, on free loopback ports, with its data
/// in a temporary folder. User <c>test:tester</c>, key <c>testing</c>. Needs root and a file system with extended attributes.
/// </summary>
public sealed partial class SwiftProgram : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly Lazy<string?> Missing = new(FindMissing);

    private readonly TemporaryFolder _folder = new();
    private readonly List<RunningProgram> _programs = [];

    private SwiftProgram(int port) => Port = port;

    /// <summary>Why it cannot run on this machine, or in this tier; null where it can.</summary>
    public static string? WhyNot => Missing.Value;

    /// <summary>Where the proxy listens on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>The user.</summary>
    public const string UserName = "test:tester";

    /// <summary>The user's key.</summary>
    public const string Secret = "testing";

    /// <summary>Where TempAuth is asked.</summary>
    public Uri AuthUrl => new($"http://127.0.0.1:{Port}/auth/v1.0");

    /// <summary>Starts one.</summary>
    public static async Task<SwiftProgram> StartAsync()
    {
        var swift = new SwiftProgram(RunningProgram.FreePort());
        try
        {
            await swift.StartServersAsync();
            return swift;
        }
        catch
        {
            await swift.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes a container.</summary>
    public async Task MakeContainerAsync(string name)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, AuthUrl) { Headers = { { "X-Auth-User", UserName }, { "X-Auth-Key", Secret } } };
        using HttpResponseMessage answer = await http.SendAsync(request);
        answer.EnsureSuccessStatusCode();
        using var make = new HttpRequestMessage(HttpMethod.Put, $"{answer.Headers.GetValues("X-Storage-Url").Single()}/{Uri.EscapeDataString(name)}");
        make.Headers.Add("X-Auth-Token", answer.Headers.GetValues("X-Auth-Token").Single());
        using HttpResponseMessage made = await http.SendAsync(make);
        made.EnsureSuccessStatusCode();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (RunningProgram program in _programs)
            await program.DisposeAsync();
        _folder.Dispose();
    }

    private static string? FindMissing()
    {
        if (new FullFactAttribute("swift-proxy-server", "swift-account-server", "swift-container-server", "swift-object-server", "swift-ring-builder", "memcached").Skip is { } missing)
            return missing;
        if (!Environment.IsPrivilegedProcess)
            return "only root can start Swift's servers so";
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["object"], "");
        return SetAttribute(folder["object"], "user.swift.metadata", "1"u8, 1, 0) == 0 ? null : $"the file system of {Path.GetTempPath()} has no extended attributes, in which Swift keeps what it knows of an object";
    }

    [LibraryImport("libc", EntryPoint = "setxattr", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetAttribute(string path, string name, ReadOnlySpan<byte> value, nuint size, int flags);

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private async Task StartServersAsync()
    {
        Directory.CreateDirectory(_folder["srv/d1"]);
        await File.WriteAllTextAsync(_folder["swift.conf"], "[swift-hash]\nswift_hash_path_suffix = s\nswift_hash_path_prefix = p\n[storage-policy:0]\nname = gold\ndefault = yes\n");
        int memory = RunningProgram.FreePort();
        _programs.Add(RunningProgram.Start("memcached", ["-l", "127.0.0.1", "-p", Number(memory), "-U", "0", "-m", "32", "-u", "nobody"]));
        foreach (string kind in new[] { "account", "container", "object" })
        {
            int port = RunningProgram.FreePort();
            string builder = _folder[kind + ".builder"];
            await RunAsync("swift-ring-builder", builder, "create", "4", "1", "1");
            await RunAsync("swift-ring-builder", builder, "add", $"r1z1-127.0.0.1:{port}/d1", "1");
            await RunAsync("swift-ring-builder", builder, "rebalance");
            await File.WriteAllTextAsync(_folder[kind + "-server.conf"], $"[DEFAULT]\nlog_level = WARNING\ndevices = {_folder["srv"]}\nmount_check = false\nbind_ip = 127.0.0.1\nbind_port = {port}\nworkers = 0\nuser = root\nswift_dir = {_folder.Path}\nlog_name = {kind}\nlog_udp_host =\n[pipeline:main]\npipeline = {kind}-server\n[app:{kind}-server]\nuse = egg:swift#{kind}\nconn_timeout = 20\nnode_timeout = 60\ncontainer_update_timeout = 60\nlog_requests = false\n");

            // An object server tells the container of each object, for a second as a rule; what it did not get told stays out of listings until an updater comes by.
            RunningProgram server = RunningProgram.Start($"swift-{kind}-server", [_folder[kind + "-server.conf"]]);
            _programs.Add(server);
            await server.WaitForPortAsync(port, Limit);
        }

        // Last: a proxy that finds a server missing does without it for a minute. Nor must a busy machine make it think so.
        string[] filters = ["catch_errors", "cache", "bulk", "s3api", "tempauth", "slo", "dlo"];
        string sections = string.Concat(filters.Select(filter => $"[filter:{filter}]\nuse = egg:swift#{(filter == "cache" ? "memcache" : filter)}\n" + filter switch
        {
            "cache" => $"memcache_servers = 127.0.0.1:{memory}\nconnect_timeout = 20\npool_timeout = 20\nio_timeout = 20\n",
            "s3api" => "s3_acl = false\nlocation = us-east-1\n",
            "tempauth" => "user_test_tester = testing .admin\nstorage_url_scheme = default\n",
            _ => "",
        }));
        await File.WriteAllTextAsync(
            _folder["proxy-server.conf"],
            $"[DEFAULT]\nlog_level = WARNING\nbind_ip = 127.0.0.1\nbind_port = {Port}\nworkers = 0\nuser = root\nswift_dir = {_folder.Path}\n[pipeline:main]\npipeline = {string.Join(' ', filters)} proxy-server\n[app:proxy-server]\nuse = egg:swift#proxy\nconn_timeout = 20\nnode_timeout = 60\nerror_suppression_limit = 1000000\nallow_account_management = true\naccount_autocreate = true\n{sections}");
        RunningProgram proxy = RunningProgram.Start("swift-proxy-server", [_folder["proxy-server.conf"]]);
        _programs.Add(proxy);
        await proxy.WaitForPortAsync(Port, Limit);
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        // It tells by 1 that it only warns.
        (int code, string output) = await RunningProgram.RunAsync(program, arguments);
        if (code > 1)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {output}");
    }
}
