using System.Globalization;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.TestKit.RabbitMq;

/// <summary>A real RabbitMQ of one or more nodes on free loopback ports, with a port mapper and a folder of its own.</summary>
public sealed class RabbitMqBroker : IAsyncDisposable
{
    /// <summary>The node's program; the one on the path insists on the system's user and folders.</summary>
    public const string Server = "/usr/lib/rabbitmq/bin/rabbitmq-server";

    internal const string Control = "/usr/lib/rabbitmq/bin/rabbitmqctl";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();
    private readonly int _mapperPort = RunningProgram.FreePort();
    private readonly string _more;
    private RunningProgram? _mapper;

    private RabbitMqBroker(int nodes, string more)
    {
        _more = more;
        Nodes = [.. Enumerable.Range(1, nodes).Select(number => new RabbitMqNode(this, number))];
    }

    /// <summary>Its nodes.</summary>
    public IReadOnlyList<RabbitMqNode> Nodes { get; }

    internal string Folder => _folder.Path;

    internal IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        ["HOME"] = _folder["home"],
        ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
        ["ERL_EPMD_PORT"] = _mapperPort.ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>The nodes as host and port.</summary>
    public IReadOnlyList<KeyValuePair<string, int>> EndPoints => [.. Nodes.Select(static node => KeyValuePair.Create("127.0.0.1", node.Port))];

    /// <summary>The nodes as they stand in an address.</summary>
    public string Authority => string.Join(',', Nodes.Select(static node => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{node.Port}")));

    /// <summary>Starts a broker.</summary>
    /// <param name="nodes">How many nodes.</param>
    /// <param name="more">Further lines for <c>rabbitmq.conf</c>.</param>
    public static async Task<RabbitMqBroker> StartAsync(int nodes = 1, string more = "")
    {
        var broker = new RabbitMqBroker(nodes, more);
        try
        {
            await broker.OpenAsync();
            return broker;
        }
        catch
        {
            await broker.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (RabbitMqNode node in Nodes)
            await node.DisposeAsync();
        if (_mapper is not null)
            await _mapper.DisposeAsync();
        _folder.Dispose();
    }

    internal string MakeConfiguration(int port)
    {
        string listeners = _more.Contains("listeners.ssl", StringComparison.Ordinal)
            ? string.Create(CultureInfo.InvariantCulture, $"listeners.tcp = none\nlisteners.ssl.default = 127.0.0.1:{port}\n")
            : string.Create(CultureInfo.InvariantCulture, $"listeners.tcp.default = 127.0.0.1:{port}\n");
        string peers = Nodes.Count == 1 ? "" : "cluster_formation.peer_discovery_backend = classic_config\n"
            + string.Concat(Nodes.Select(static (node, i) => string.Create(CultureInfo.InvariantCulture, $"cluster_formation.classic_config.nodes.{i + 1} = {node.Name}\n")));
        string more = string.Join('\n', _more.Split('\n').Where(static line => !line.StartsWith("listeners.ssl", StringComparison.Ordinal)));
        return $"""
            {listeners}loopback_users = none
            log.file.level = info
            disk_free_limit.absolute = 50MB
            vm_memory_high_watermark.absolute = 1GB
            {peers}{more}

            """;
    }

    private async Task OpenAsync()
    {
        string home = Directory.CreateDirectory(_folder["home"]).FullName;
        string cookie = Path.Combine(home, ".erlang.cookie");
        await File.WriteAllTextAsync(cookie, "SLIMTAFASTTESTS");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(cookie, UnixFileMode.UserRead);

        // In the foreground, so that it is ended with the broker; it would outlive the nodes otherwise.
        _mapper = RunningProgram.Start("epmd", ["-port", _mapperPort.ToString(CultureInfo.InvariantCulture), "-address", "127.0.0.1"]);
        await _mapper.WaitForPortAsync(_mapperPort, Limit);
        await Nodes[0].StartAsync();
        foreach (RabbitMqNode node in Nodes.Skip(1))
            await node.StartAsync();
    }
}
