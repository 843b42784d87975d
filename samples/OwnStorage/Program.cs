// A server whose queue is a table in SQLite: what a storage of one's own takes. The three arguments are a database and the next hop's host and port.
using System.Globalization;
using System.Net;
using OwnStorage;
using SlimtaFast.Edge;
using SlimtaFast.Relay;

await using var server = new MailServer(
    new SqliteStorage(args[0]),
    transport => new StaticSmtpRelay(transport, args[1], int.Parse(args[2], CultureInfo.InvariantCulture)),
    new MailServerOptions { Edge = new SmtpEdgeOptions { Listen = [new IPEndPoint(IPAddress.Loopback, 0)] } });
await server.StartAsync();
Console.WriteLine($"listening on {server.EndPoints[0]}");
await Console.In.ReadLineAsync();
await server.StopAsync();
