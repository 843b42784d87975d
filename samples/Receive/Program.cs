// An application that receives mail: each message is on disk before its client is told 250, and comes here as a MimeKit message. What is
// answered "transient" comes again later. It stops when its standard input ends or says anything.
using System.Net;
using Receive;
using SlimtaFast.Edge;
using SlimtaFast.Storage;

await using var server = new MailServer(
    new DiskStorage(new DiskStorageOptions { Directory = "spool" }),
    _ => new Inbox(message => Console.WriteLine($"from {message.From}: {message.Subject}")),
    new MailServerOptions { Edge = new SmtpEdgeOptions { Listen = [new IPEndPoint(IPAddress.Loopback, 0)] } });
await server.StartAsync();
Console.WriteLine($"listening on {server.EndPoints[0]}");
await Console.In.ReadLineAsync();
await server.StopAsync();
