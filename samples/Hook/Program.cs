// A server with code of its own in every session: who may receive is a list here, and a closed office says so.
using System.Globalization;
using System.Net;
using Hook;
using SlimtaFast.Edge;
using SlimtaFast.Relay;
using SlimtaFast.Storage;

await using var server = new MailServer(
    new DiskStorage(new DiskStorageOptions { Directory = "spool" }),
    transport => new StaticSmtpRelay(transport, args[0], int.Parse(args[1], CultureInfo.InvariantCulture)),
    new MailServerOptions
    {
        Edge = new SmtpEdgeOptions { Listen = [new IPEndPoint(IPAddress.Loopback, 0)], Hooks = [new KnownRecipients(["info@example.org", "sales@example.org"])] },
    });
await server.StartAsync();
Console.WriteLine($"listening on {server.EndPoints[0]}");
await Console.In.ReadLineAsync();
await server.StopAsync();
