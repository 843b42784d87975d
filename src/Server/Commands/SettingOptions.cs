using System.CommandLine;
using SlimtaFast.Server.Configuration;

namespace SlimtaFast.Server.Commands;

/// <summary>The options of <c>serve</c> and <c>check</c> that stand for keys of the configuration.</summary>
internal sealed class SettingOptions
{
    private readonly Option<string?> _config = new("--config")
    {
        Description = $"Configuration file; JSON, comments allowed. Default: {ConfigurationSources.DefaultFile} where it exists.",
        HelpName = "FILE",
    };

    private readonly List<(Option<string?> Option, string Key)> _texts = [];
    private readonly List<(Option<string[]> Option, string Key)> _lists = [];

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="forWork">True for a process that does not listen: without the options about clients.</param>
    public SettingOptions(Command command, bool forWork = false)
    {
        command.Options.Add(_config);
        AddDelivery(command);
        if (!forWork)
            AddClients(command);
        AddText(command, "--log-format", nameof(ServeSettings.LogFormat), "line|json", "What log lines on standard error look like. Default: line.");
        AddText(command, "--log-level", "Logging:LogLevel:Default", "LEVEL", "Least level that is logged: Trace, Debug, Information, Warning, Error or None. Default: Information, which is one line for each accepted message and each attempt.");
    }

    private void AddDelivery(Command command)
    {
        AddText(command, "--hostname", nameof(ServeSettings.HostName), "NAME", "Name in greetings, Received fields and bounces. Default: the machine's name.");
        AddText(command, "--storage", nameof(ServeSettings.Storage), "URI", "Where mail waits: disk:DIR[?env=DIR&meta=DIR&tmp=DIR&journal=on|off&journal-size=OCTETS], memory:, or redis://HOST:PORT[/DATABASE][?prefix=TEXT&timeout=TIME&sentinel=NAME&cluster=on|off&replicas=N], which processes share (rediss:// by TLS), or as objects: s3://BUCKET[/PREFIX][?region=NAME&endpoint=URL&path-style=on|off&scratch=DIR&timeout=TIME], swift://CONTAINER[/PREFIX]?auth=URL[&identity=keystone|rackspace|tempauth&region=NAME&internal=on|off&timeout=TIME], rackspace://CONTAINER[/PREFIX], these with [queue=[sqs:|zaqar:]NAME&queue-endpoint=URL&queue-region=NAME&queue-auth=URL&queue-identity=keystone|rackspace|tempauth&queue-version=v1|v1.1|v2] for a message queue. Default: disk:./spool.");
        AddText(command, "--queue", "Queue:Address", "URI", "Who takes the mail: local (stores it before it answers), proxy (stores nothing: relays while the client waits, and passes the answer on), or amqp://HOST[:PORT][,HOST[:PORT]]...[/VHOST][?prefix=TEXT&timeout=TIME&heartbeat=TIME&prefetch=N], a RabbitMQ from which workers deliver (amqps:// by TLS). Default: local.");
        AddText(command, "--relay", nameof(ServeSettings.Relay), "URI", "Where mail goes: mx:, smtp://HOST:PORT, smtps://HOST:PORT, lmtp://HOST:PORT, lmtp+unix:PATH, http://HOST:PORT/PATH, https://HOST/PATH, 'pipe:COMMAND ARGS' (a program for each recipient, with {sender}, {recipient} and other macros), maildrop: or dovecot-lda: (both with [PATH][?processes=N]), blackhole: (nowhere) or hold: (stays). Default: mx:.");
        AddText(command, "--retry", "Retry", "LIST", "Delays between attempts, such as 30s,5m,1h; then the message bounces. A last ... repeats the last delay until the maximum age. Default: 1m,5m,15m,30m,1h,2h,4h,6h,...");
        AddText(command, "--max-age", "MaxAge", "DURATION", "Age at which a waiting message bounces. Default: 5d.");
        AddText(command, "--admin", "Admin:Listen", "ADDR:PORT", "Where to listen for operators and their tools: health and metrics by HTTP. Another than a loopback address needs Admin:TokenFile. Default: nowhere.");
        AddText(command, "--threads", nameof(ServeSettings.Threads), "N", "Threads that serve connections; 0 for one per processor. Default: 0.");
    }

    private void AddClients(Command command)
    {
        AddList(command, "--listen", nameof(ServeSettings.Listen), "[SCHEME://]ADDR:PORT", "Where to listen, for smtp:// (the default), smtps:// or lmtp://, lmtp+unix:PATH[?mode=OCTAL], or http:// or https:// with a path (mail by POST); may be repeated. Port 0 takes a free one, * means every IPv4 address. Default: 127.0.0.1:2525.");
        AddList(command, "--tls-cert", "Tls:Certificate", "FILE", "Certificate with its chain in PEM, or PKCS#12; with one STARTTLS is offered. May be repeated: the client's name chooses.");
        AddList(command, "--tls-key", "Tls:Key", "FILE", "Private key in PEM, one for each certificate in their order; not needed where the certificate's file holds it.");
        AddText(command, "--max-message-size", "MaxMessageSize", "BYTES", "Largest message; 0 for no limit; K, M and G are understood. Default: 52428800.");
        AddText(command, "--max-connections", nameof(ServeSettings.MaxConnections), "N", "Most connections at once; 0 for no limit. Default: 20000.");
        AddText(command, "--max-connections-per-address", nameof(ServeSettings.MaxConnectionsPerAddress), "N", "Most connections at once from one address; 0 for no limit. Default: 0.");
        AddList(command, "--accept-domain", nameof(ServeSettings.AcceptDomain), "NAME", "Domain that everybody may send to (.NAME: its subdomains); may be repeated. Default: none.");
        AddList(command, "--trust", nameof(ServeSettings.Trust), "CIDR", "Network whose clients may send to any domain; may be repeated. Default: loopback.");
        AddText(command, "--proxy-protocol", nameof(ServeSettings.ProxyProtocol), "off|optional|required", "Whether connections from the proxies start with a PROXY header, version 1 or 2. Default: off.");
        AddList(command, "--proxy-from", nameof(ServeSettings.ProxyFrom), "CIDR", "Network of the proxies, which may then name any client; may be repeated. It grants no relaying. Default: none.");
        AddList(command, "--xclient-from", nameof(ServeSettings.XclientFrom), "CIDR", "Network whose clients may use XCLIENT and XFORWARD; may be repeated. Default: none.");
        AddText(command, "--users", "Auth:Users", "FILE", "Users who may authenticate and then send to any domain; see slimtafast user. Default: none.");
    }

    /// <summary>The settings that a command line, together with file and environment, asks for; throws <see cref="UsageException"/> where the sources cannot be read.</summary>
    public Microsoft.Extensions.Configuration.IConfigurationRoot Load(ParseResult parsed) => From(parsed).Load();

    /// <summary>Where these are from.</summary>
    public ConfigurationInput From(ParseResult parsed)
    {
        var given = new List<KeyValuePair<string, string?>>();
        foreach ((Option<string?> option, string key) in _texts)
        {
            if (parsed.GetValue(option) is { } value)
                given.Add(KeyValuePair.Create<string, string?>(key, value));
        }

        foreach ((Option<string[]> option, string key) in _lists)
        {
            string[] values = parsed.GetValue(option) ?? [];
            for (int i = 0; i < values.Length; i++)
                given.Add(KeyValuePair.Create<string, string?>($"{key}:{i}", values[i]));
        }

        return new ConfigurationInput(parsed.GetValue(_config), given);
    }

    private void AddText(Command command, string name, string key, string helpName, string description)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = helpName };
        command.Options.Add(option);
        _texts.Add((option, key));
    }

    private void AddList(Command command, string name, string key, string helpName, string description)
    {
        var option = new Option<string[]>(name) { Description = description, HelpName = helpName, Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = false };
        command.Options.Add(option);
        _lists.Add((option, key));
    }
}
