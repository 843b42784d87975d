using System.CommandLine;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging;
using SlimtaFast.Edge;
using SlimtaFast.Protocol;
using SlimtaFast.Protocol.Transport;
using SlimtaFast.Protocol.Transport.Tls;
using SlimtaFast.Queue;
using SlimtaFast.Server.Configuration;
using SlimtaFast.Server.Hosting;
using SlimtaFast.Server.Logging;

namespace SlimtaFast.Server.Commands;

/// <summary><c>slimtafast sink</c>: a server that accepts everything and keeps nothing.</summary>
internal static class SinkCommand
{
    private static readonly IPNetwork[] Everybody = [new(IPAddress.Any, 0), new(IPAddress.IPv6Any, 0)];
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        Option<EdgeListener?> listen = new("--listen") { HelpName = "[SCHEME://]ADDR:PORT", Description = "Where to listen. Default: 127.0.0.1:2525.", CustomParser = ArgumentText.With<EdgeListener?>(ListenAddress.ParseMail) };
        Option<bool> print = new("--print") { Description = "Print each envelope and message on standard output." };
        Option<long?> exitAfter = new("--exit-after") { HelpName = "N", Description = "Stop after so many messages and print {\"messages\":N,\"seconds\":S}, the time from the first to the last.", CustomParser = ArgumentText.With<long?>(t => ArgumentText.Count(t)) };
        Option<long> maxSize = new("--max-message-size") { HelpName = "BYTES", Description = "Largest message; K, M and G are understood.", DefaultValueFactory = _ => 52_428_800, CustomParser = ArgumentText.With<long>(t => ArgumentText.Octets(t)) };
        Option<string?> certificate = new("--tls-cert") { HelpName = "FILE", Description = "Certificate with its key in PEM, or PKCS#12; with it STARTTLS is offered." };
        Option<long> threads = new("--threads") { HelpName = "N", Description = "Threads that serve connections. Default: one per processor.", DefaultValueFactory = _ => Environment.ProcessorCount, CustomParser = ArgumentText.With(ArgumentText.Count) };
        var command = new Command(
            "sink",
            """
            Accepts mail from and for everybody, and discards it: for trying things out and for measuring.

            Example:
              slimtafast sink --listen 127.0.0.1:2626 --print
            """)
        {
            listen, print, exitAfter, maxSize, certificate, threads,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            EdgeListener address = parsed.GetValue(listen) ?? new IPEndPoint(IPAddress.Loopback, 2525);
            TlsServerSettings? tls = OpenTls(parsed.GetValue(certificate));
            if (address.ImplicitTls && tls is null)
                throw new UsageException("--listen by smtps: needs --tls-cert");
            var options = new SmtpEdgeOptions
            {
                Listen = [address],
                Trust = Everybody,
                Session = new SmtpServerOptions { HostName = Environment.MachineName, MaxMessageSize = parsed.GetValue(maxSize), Tls = tls },
            };
            IMailQueue queue = parsed.GetValue(print) ? new PrintingQueue(Console.OpenStandardOutput()) : new DiscardingQueue();
            CountingQueue? counting = parsed.GetValue(exitAfter) is { } last ? new CountingQueue(queue, last) : null;
            await RunAsync(counting ?? queue, counting, options, (int)Math.Min(parsed.GetValue(threads), 1024), parsed.InvocationConfiguration.Output, cancellationToken);
            return 0;
        });
        return command;
    }

    private static TlsServerSettings? OpenTls(string? certificate)
    {
        try
        {
            return certificate is null
                ? null
                : new TlsServerSettings { Certificates = new TlsCertificates([new TlsCertificateFiles(certificate)], TimeProvider.System, Timeout.InfiniteTimeSpan) };
        }
        catch (TlsCertificateException wrong)
        {
            throw new UsageException($"--tls-cert: {wrong.Message}", wrong);
        }
    }

    private static async Task RunAsync(IMailQueue queue, CountingQueue? counting, SmtpEdgeOptions options, int threads, TextWriter output, CancellationToken cancellationToken)
    {
        using var interrupt = new Interrupt(cancellationToken);
        using var logs = new LineLoggerProvider(new LogSink(Console.OpenStandardError()), LogFormat.Line, TimeProvider.System);
        using ILoggerFactory loggers = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Warning).AddProvider(logs));
        await using ITransport transport = Transports.Create(new TransportOptions { Reactors = threads }, TimeProvider.System);
        await using var edge = new SmtpEdge(queue, transport, options, loggers: loggers);
        edge.Start();
        foreach (EndPoint endPoint in edge.EndPoints)
            await output.WriteLineAsync($"listening on {endPoint}");
        await output.FlushAsync(CancellationToken.None);
        await Task.WhenAny(interrupt.Fired, counting?.Complete ?? interrupt.Fired);
        using var limit = new CancellationTokenSource(StopTimeout);
        await edge.StopAsync(limit.Token);
        if (counting is { Complete.IsCompleted: true })
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{{\"messages\":{counting.Last},\"seconds\":{counting.Span.TotalSeconds:0.000000}}}"));
    }
}
