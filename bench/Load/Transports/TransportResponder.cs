using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;
using SlimtaFast.Protocol.Transport;

namespace SlimtaFast.Load.Transports;

/// <summary>One session code over the transport of choice.</summary>
internal static class TransportResponder
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        string transport = Options.Get(arguments, "transport", "reactor");
        var endPoint = new IPEndPoint(IPAddress.Loopback, Options.GetNumber(arguments, "port", 0));
        Func<Connection, Task> session = Options.Get(arguments, "session", "responder") switch
        {
            "smtp" => Smtp(),
            _ => ResponderSession.RunAsync,
        };
        switch (transport)
        {
            case "reactor":
            case "sockets":
                await RunOursAsync(transport == "reactor" ? TransportKind.Reactor : TransportKind.Sockets, Options.GetNumber(arguments, "reactors", Environment.ProcessorCount), endPoint, session);
                return 0;
            case "kestrel":
            case "kestrel-inline":
                await RunKestrelAsync(endPoint, session, inline: transport == "kestrel-inline");
                return 0;
            default:
                Console.Error.WriteLine("unknown transport " + transport);
                return 2;
        }
    }

    private static Func<Connection, Task> Smtp()
    {
        var options = new SmtpServerOptions { HostName = "responder" };
        var handler = new DiscardingHandler(new QueueIdGenerator(TimeProvider.System));
        return connection => new SmtpServerSession(connection, handler, options).RunAsync(CancellationToken.None);
    }

    private static async Task RunOursAsync(TransportKind kind, int reactors, IPEndPoint endPoint, Func<Connection, Task> session)
    {
        TextWriter errors = Console.Error;
        var options = new TransportOptions { Kind = kind, Reactors = reactors, UnobservedFault = fault => errors.WriteLine(fault) };
        await using ITransport transport = Protocol.Transport.Transports.Create(options, TimeProvider.System);
        IListener listener = transport.Listen(endPoint, session);
        Announce(listener.LocalEndPoint);
        await Task.Delay(Timeout.Infinite);
    }

    private static async Task RunKestrelAsync(IPEndPoint endPoint, Func<Connection, Task> session, bool inline)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore();
        builder.WebHost.UseSockets(sockets =>
        {
            sockets.UnsafePreferInlineScheduling = inline;
            sockets.Backlog = 4096;
        });
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(endPoint, listen =>
            listen.Run(context => session(new KestrelConnection(context)))));
        await using WebApplication application = builder.Build();
        await application.StartAsync();
        Announce(endPoint);
        await application.WaitForShutdownAsync();
    }

    private static void Announce(EndPoint endPoint) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"listening on {endPoint}"));
}
