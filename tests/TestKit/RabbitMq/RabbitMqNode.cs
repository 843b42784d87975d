using System.Globalization;
using SlimtaFast.TestKit.Processes;

namespace SlimtaFast.TestKit.RabbitMq;

/// <summary>One real node of a broker, with its data in a folder of the broker's.</summary>
public sealed class RabbitMqNode : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    private readonly RabbitMqBroker _broker;
    private readonly string _folder;
    private readonly int _distribution = RunningProgram.FreePort();
    private RunningProgram? _program;

    internal RabbitMqNode(RabbitMqBroker broker, int number)
    {
        _broker = broker;
        Name = string.Create(CultureInfo.InvariantCulture, $"n{number}@localhost");
        _folder = Path.Combine(broker.Folder, string.Create(CultureInfo.InvariantCulture, $"n{number}"));
    }

    /// <summary>Its name in the cluster.</summary>
    public string Name { get; }

    /// <summary>Where it listens on 127.0.0.1, by TLS where the broker does.</summary>
    public int Port { get; } = RunningProgram.FreePort();

    /// <summary>Begins to start it, with the data that it had.</summary>
    public void Begin()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "mnesia"));
        Directory.CreateDirectory(Path.Combine(_folder, "log"));
        File.WriteAllText(Path.Combine(_folder, "rabbitmq.conf"), _broker.MakeConfiguration(Port));
        File.WriteAllText(Path.Combine(_folder, "enabled_plugins"), "[].\n");
        File.WriteAllText(Path.Combine(_folder, "env.conf"), "");
        var environment = new Dictionary<string, string>(_broker.Environment)
        {
            ["RABBITMQ_CONF_ENV_FILE"] = Path.Combine(_folder, "env.conf"),
            ["RABBITMQ_CONFIG_FILE"] = Path.Combine(_folder, "rabbitmq.conf"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(_folder, "enabled_plugins"),
            ["RABBITMQ_NODENAME"] = Name,
            ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_NODE_PORT"] = Port.ToString(CultureInfo.InvariantCulture),
            ["RABBITMQ_DIST_PORT"] = _distribution.ToString(CultureInfo.InvariantCulture),
            ["RABBITMQ_MNESIA_BASE"] = Path.Combine(_folder, "mnesia"),
            ["RABBITMQ_LOG_BASE"] = Path.Combine(_folder, "log"),
            ["RABBITMQ_PID_FILE"] = Path.Combine(_folder, "pid"),
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "+S 1:1 +sbwt none -kernel inet_dist_use_interface {127,0,0,1}",
        };
        _program = RunningProgram.Start(RabbitMqBroker.Server, [], environment: environment);
    }

    /// <summary>Waits until it serves.</summary>
    public Task WaitAsync() => _program!.WaitForLineAsync(static line => line.Contains("completed with", StringComparison.Ordinal), Limit);

    /// <summary>Starts it with the data that it had, and waits until it serves.</summary>
    public Task StartAsync()
    {
        Begin();
        return WaitAsync();
    }

    /// <summary>Kills it: nothing is flushed.</summary>
    public async Task KillAsync()
    {
        if (_program is not null)
            await _program.DisposeAsync();
        _program = null;
    }

    /// <summary>Stops it where it is, with all its connections open: as where the network is cut.</summary>
    public void Freeze() => RunningProgram.Freeze(ServerId);

    /// <summary>Lets it go on.</summary>
    public void Thaw() => RunningProgram.Thaw(ServerId);

    /// <summary>
    /// Cuts it off from the other nodes, whose connections it refuses and to whom it makes none, while clients still reach it. It has to have others.
    /// </summary>
    public Task CutOffAsync() => ControlAsync("eval", $"[begin erlang:set_cookie(N, cut_off), erlang:disconnect_node(N) end || N <- [{OtherNames}]].");

    /// <summary>Ends that.</summary>
    public Task JoinAgainAsync() => ControlAsync("eval", $"[erlang:set_cookie(N, erlang:get_cookie()) || N <- [{OtherNames}]].");

    private string OtherNames => string.Join(',', _broker.Nodes.Where(node => node != this).Select(static node => $"'{node.Name}'"));

    private int ServerId => int.Parse(File.ReadAllText(Path.Combine(_folder, "pid")), CultureInfo.InvariantCulture);

    /// <summary>Runs <c>rabbitmqctl</c> on it and returns what it prints.</summary>
    public async Task<string> ControlAsync(params string[] command)
    {
        var environment = new Dictionary<string, string>(_broker.Environment) { ["RABBITMQ_CONF_ENV_FILE"] = "/dev/null" };
        await using RunningProgram program = RunningProgram.Start(RabbitMqBroker.Control, ["-q", "-n", Name, .. command], environment: environment);
        int code = await program.WaitForExitAsync(Limit);
        return code == 0 ? program.Output.Trim() : throw new InvalidOperationException($"rabbitmqctl {string.Join(' ', command)}: {program.Output}");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await KillAsync();
}
