// A server with a policy of its own: what is done with each message once it is complete, before it is stored.
using System.Globalization;
using System.Net;
using Policy;
using SlimtaFast.Edge;
using SlimtaFast.Queue;
using SlimtaFast.Relay;
using SlimtaFast.Storage;

const string Name = "mx.example.org";
await using var server = new MailServer(
    new DiskStorage(new DiskStorageOptions { Directory = "spool" }),
    transport => new StaticSmtpRelay(transport, args[0], int.Parse(args[1], CultureInfo.InvariantCulture)),
    new MailServerOptions
    {
        HostName = Name,
        Edge = new SmtpEdgeOptions { Listen = [new IPEndPoint(IPAddress.Loopback, 0)] },
        Policies = [.. QueuePolicies.Standard(Name), new SizeLabel(64 * 1024)],
    });
await server.StartAsync();
Console.WriteLine($"listening on {server.EndPoints[0]}");
await Console.In.ReadLineAsync();
await server.StopAsync();
