using System.CommandLine;
using System.Net;
using SlimtaFast.Protocol.Transport;
using SlimtaFast.Server.Bench;
using SlimtaFast.Server.Configuration;

namespace SlimtaFast.Server.Commands;

/// <summary><c>slimtafast bench</c>: a load generator with a report.</summary>
internal static class BenchCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        Argument<HostPort?> server = new("SERVER") { HelpName = "smtp://HOST:PORT", Description = "The server to load.", CustomParser = ArgumentText.With<HostPort?>(HostPort.ParseSmtp) };
        Option<long> connections = new("--connections") { HelpName = "N", Description = "Connections at once.", DefaultValueFactory = _ => 10, CustomParser = ArgumentText.With(ArgumentText.Count) };
        Option<long?> messages = new("--messages") { HelpName = "N", Description = "Messages in all. Default: 10000, or no end where --duration is given.", CustomParser = ArgumentText.With<long?>(t => ArgumentText.Count(t)) };
        Option<TimeSpan?> duration = new("--duration") { HelpName = "TIME", Description = "How long to begin new messages, such as 10s or 2m.", CustomParser = ArgumentText.With(ArgumentText.Duration) };
        Option<TimeSpan?> warmUp = new("--warm-up") { HelpName = "TIME", Description = "Load for so long before messages count; --duration begins behind it. Default: none.", CustomParser = ArgumentText.With(ArgumentText.Duration) };
        Option<int> size = new("--size") { HelpName = "BYTES", Description = "Octets of a message; K and M are understood.", DefaultValueFactory = _ => 4096, CustomParser = ArgumentText.With(ArgumentText.Octets) };
        Option<long> recipients = new("--recipients") { HelpName = "N", Description = "Recipients of a message.", DefaultValueFactory = _ => 1, CustomParser = ArgumentText.With(ArgumentText.Count) };
        Option<double?> rate = new("--rate") { HelpName = "R", Description = "Messages a second to begin, on a fixed schedule; latency then counts from the intended time. Default: as many as the server takes.", CustomParser = ArgumentText.With(ArgumentText.Rate) };
        Option<bool> pipeline = new("--pipeline") { Description = "MAIL, RCPT and DATA in one write, then the content. The default." };
        Option<bool> lockstep = new("--lockstep") { Description = "Wait for the reply to each command." };
        Option<bool> bdat = new("--bdat") { Description = "The whole transaction in one write, with BDAT." };
        Option<long?> perConnection = new("--messages-per-connection") { HelpName = "N", Description = "Open a new connection after so many messages. Default: never.", CustomParser = ArgumentText.With<long?>(t => ArgumentText.Count(t)) };
        Option<TimeSpan?> patience = new("--patience") { HelpName = "TIME", Description = "How long a message may take before it has failed and its connection is given up. Default: 1m.", CustomParser = ArgumentText.With(ArgumentText.Duration) };
        Option<bool> tls = new("--tls") { Description = "Go over to TLS by STARTTLS in each session; certificates are not checked, sessions not resumed." };
        Option<bool> sessions = new("--sessions-only") { Description = "Send nothing: open a session, with TLS where asked, and quit; sessions count in place of messages." };
        Option<string> from = new("--from") { HelpName = "ADDRESS", Description = "The sender.", DefaultValueFactory = _ => "sender@bench.test" };
        Option<string> domain = new("--to-domain") { HelpName = "NAME", Description = "The recipients' domain.", DefaultValueFactory = _ => "bench.test" };
        Option<long> domains = new("--to-domains") { HelpName = "N", Description = "Domains that the messages go to in turns: d0 to dN-1 below --to-domain.", DefaultValueFactory = _ => 1, CustomParser = ArgumentText.With(ArgumentText.Count) };
        Option<long> threads = new("--threads") { HelpName = "N", Description = "Threads of the generator. Default: one per processor.", DefaultValueFactory = _ => Environment.ProcessorCount, CustomParser = ArgumentText.With(ArgumentText.Count) };
        Option<bool> json = new("--json") { Description = "Print one line of JSON: msgs, failed, secs, rate, p50ms, p90ms, p99ms, p999ms, maxms, errors." };
        var command = new Command(
            "bench",
            """
            Sends mail to a server as fast as it takes it, or at a fixed rate, and reports messages a second and latencies. The latency of a
            message is the time from its MAIL to its 250; with --rate, from the time at which MAIL was meant to be sent.

            Examples:
              slimtafast bench smtp://127.0.0.1:2525 --connections 100 --duration 10s --size 10K
              slimtafast bench smtp://127.0.0.1:2525 --connections 100 --rate 2000 --duration 30s --lockstep --json
            """)
        {
            server, connections, messages, duration, warmUp, size, recipients, rate, pipeline, lockstep, bdat, perConnection, patience, tls, sessions, from, domain, domains, threads, json,
        };
        command.Validators.Add(result =>
        {
            if ((result.GetValue(pipeline) ? 1 : 0) + (result.GetValue(lockstep) ? 1 : 0) + (result.GetValue(bdat) ? 1 : 0) > 1)
                result.AddError("--pipeline, --lockstep and --bdat exclude each other");
            if (result.GetValue(warmUp) is not null && result.GetValue(duration) is null)
                result.AddError("--warm-up needs --duration: it is the time before it");
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var plan = new LoadPlan
            {
                Server = parsed.GetValue(server)!,
                Connections = (int)Math.Min(parsed.GetValue(connections), 1_000_000),
                Messages = parsed.GetValue(messages) ?? (parsed.GetValue(duration) is null ? 10_000 : null),
                Duration = parsed.GetValue(duration),
                WarmUp = parsed.GetValue(warmUp) ?? TimeSpan.Zero,
                Size = parsed.GetValue(size),
                Recipients = (int)Math.Min(parsed.GetValue(recipients), 1000),
                Rate = parsed.GetValue(rate),
                Mode = parsed.GetValue(lockstep) ? LoadMode.Lockstep : parsed.GetValue(bdat) ? LoadMode.Bdat : LoadMode.Pipeline,
                MessagesPerConnection = (int)Math.Min(parsed.GetValue(perConnection) ?? 0, int.MaxValue),
                Patience = parsed.GetValue(patience) ?? TimeSpan.FromMinutes(1),
                Tls = parsed.GetValue(tls),
                SessionsOnly = parsed.GetValue(sessions),
                From = AddressText.Parse(parsed.GetValue(from)!).Address,
                RecipientDomains = (int)Math.Min(parsed.GetValue(domains), 100_000),
                RecipientDomain = parsed.GetValue(domain)!,
            };
            return await RunAsync(plan, (int)Math.Min(parsed.GetValue(threads), 1024), parsed.GetValue(json), parsed.InvocationConfiguration.Output, cancellationToken);
        });
        return command;
    }

    private static async Task<int> RunAsync(LoadPlan plan, int threads, bool json, TextWriter output, CancellationToken cancellationToken)
    {
        using var interrupt = new Interrupt(cancellationToken);
        IPEndPoint server = await ServerAddress.ResolveAsync(plan.Server, interrupt.Token);
        await using ITransport transport = Transports.Create(new TransportOptions { Reactors = threads }, TimeProvider.System);
        LoadReport report = await LoadGenerator.RunAsync(plan, server, transport, TimeProvider.System, interrupt.Token);
        await output.WriteAsync(json ? report.ToJson() + Environment.NewLine : report.ToText());
        return report.Tally.Failed == 0 && report.Tally.Accepted > 0 ? 0 : 1;
    }
}
