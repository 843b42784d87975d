// An application that sends mail: SubmitAsync ends when the message is on disk, and from then on it is delivered, tried again or bounced,
// whatever happens to this process or to the server HOST PORT that it is for. Nothing listens here.
using System.Globalization;
using MimeKit;
using SlimtaFast.Edge;
using SlimtaFast.Mail;
using SlimtaFast.Queue;
using SlimtaFast.Relay;
using SlimtaFast.Storage;

await using var server = new MailServer(
    new DiskStorage(new DiskStorageOptions { Directory = "spool" }),
    transport => new StaticSmtpRelay(transport, args[0], int.Parse(args[1], CultureInfo.InvariantCulture)),
    new MailServerOptions { HostName = "app.example.org", Edge = new SmtpEdgeOptions { Listen = [] } });
await server.StartAsync();

using var message = new MimeMessage([new MailboxAddress("The shop", "shop@example.org")], [new MailboxAddress("", "customer@example.net")], "Your order", new TextPart { Text = "Thank you.\n" });
using var text = new MemoryStream();
await message.WriteToAsync(text);
text.Position = 0;
EnqueueResult result = await server.SubmitAsync(Mailbox.Parse("shop@example.org"), [new Recipient(Mailbox.Parse("customer@example.net"))], text);
Console.WriteLine(result.Reply);

await Console.In.ReadLineAsync();
await server.StopAsync();
