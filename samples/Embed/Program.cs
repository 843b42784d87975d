// A mail server in ten lines: it receives on a free loopback port, keeps mail in ./spool and delivers it to the server that is named
// on the command line, such as 127.0.0.1 2626. It stops when its standard input ends or says anything.
using System.Globalization;
using System.Net;
using SlimtaFast.Edge;
using SlimtaFast.Relay;
using SlimtaFast.Storage;

await using var server = new MailServer(
    new DiskStorage(new DiskStorageOptions { Directory = "spool" }),
    transport => new StaticSmtpRelay(transport, args[0], int.Parse(args[1], CultureInfo.InvariantCulture)),
    new MailServerOptions { HostName = "mx.example.org", Edge = new SmtpEdgeOptions { Listen = [new IPEndPoint(IPAddress.Loopback, 0)] } });
await server.StartAsync();
Console.WriteLine($"listening on {server.EndPoints[0]}");
await Console.In.ReadLineAsync();
await server.StopAsync();
