using System.CommandLine;
using System.Net;
using SlimtaFast.Dns;
using SlimtaFast.MailAuth;
using SlimtaFast.Server.Configuration;

namespace SlimtaFast.Server.Commands;

/// <summary><c>slimtafast spf check</c>: shows how a domain's policy is evaluated.</summary>
internal static class SpfCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        Argument<IPAddress?> client = new("IP") { Description = "The client's address.", CustomParser = ArgumentText.With<IPAddress?>(ParseAddress) };
        Argument<string> sender = new("SENDER") { Description = "The reverse-path; <> for the null one." };
        Argument<string> hello = new("HELO") { Description = "What the client calls itself." };
        Option<string[]> servers = new("--dns") { HelpName = "ADDRESS[:PORT]", Description = "A name server to ask; may be repeated. Default: the system's.", Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = false };
        var check = new Command(
            "check",
            """
            Evaluates SPF for the hello and for the sender, and prints each evaluation as a tree, then the result and the Received-SPF field.

            Example:
              slimtafast spf check 192.0.2.1 me@example.org mx.example.org
            """)
        {
            client, sender, hello, servers,
        };
        check.SetAction(async (parsed, cancellationToken) =>
        {
            await RunAsync(parsed.GetValue(client)!, AddressText.Parse(parsed.GetValue(sender)!).Address, parsed.GetValue(hello)!, ReadServers(parsed.GetValue(servers)), parsed.InvocationConfiguration.Output, cancellationToken);
            return 0;
        });
        return new Command("spf", "Looks at sender policies (SPF, RFC 7208): slimtafast spf check IP SENDER HELO [--dns ADDRESS[:PORT]]...") { check };
    }

    private static IPAddress ParseAddress(string text) => IPAddress.TryParse(text, out IPAddress? address) ? address : throw new FormatException($"'{text}' is not an IP address");

    private static IPEndPoint[]? ReadServers(string[]? servers)
    {
        try
        {
            return servers is { Length: > 0 } ? [.. servers.Select(DnsSection.ParseServer)] : null;
        }
        catch (FormatException wrong)
        {
            throw new UsageException($"--dns: {wrong.Message}", wrong);
        }
    }

    private static async Task RunAsync(IPAddress client, string sender, string hello, IReadOnlyList<IPEndPoint>? servers, TextWriter output, CancellationToken cancellationToken)
    {
        string receiver = Environment.MachineName;
        var evaluator = new SpfEvaluator(new DnsClientResolver(new DnsResolverOptions { Servers = servers }, TimeProvider.System), new SpfOptions { Receiver = receiver });
        foreach (SpfRequest request in (SpfRequest[])[SpfRequest.ForHello(client, hello), SpfRequest.ForMailFrom(client, sender, hello)])
        {
            var trace = new EvaluationTrace();
            SpfFinding finding = await evaluator.CheckAsync(request, trace, cancellationToken);
            await output.WriteLineAsync(trace.ToString());
            await output.WriteLineAsync($"{finding.Result.ToWord()}: {finding.Reason}");
            await output.WriteLineAsync(ReceivedSpf.Write(receiver, finding).Replace("\r\n", "\n", StringComparison.Ordinal));
        }
    }
}
