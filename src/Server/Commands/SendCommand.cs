using System.CommandLine;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;
using SlimtaFast.Protocol.Transport;
using SlimtaFast.Protocol.Transport.Tls;
using SlimtaFast.Relay;
using SlimtaFast.Server.Configuration;
using SlimtaFast.Server.Sending;

namespace SlimtaFast.Server.Commands;

/// <summary><c>slimtafast send</c>: hands one message to a server.</summary>
internal static class SendCommand
{
    private static readonly TimeSpan UsualWait = TimeSpan.FromSeconds(5);

    // RFC 3463 section 3.5.
    private static readonly EnhancedStatus NoAnswerFromHost = new(4, 4, 1);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        Option<RelayAddress?> server = new("--server") { HelpName = "smtp[s]://HOST:PORT", Description = "The server. Default: smtp://127.0.0.1:2525.", CustomParser = ArgumentText.With<RelayAddress?>(ParseServer) };
        Option<SmtpTlsPolicy> tls = new("--tls") { Description = "Whether TLS is used, and the certificate checked.", DefaultValueFactory = _ => SmtpTlsPolicy.Opportunistic };
        Option<string?> authorities = new("--tls-authorities") { HelpName = "FILE", Description = "Who may have issued the certificate, in PEM. Default: those whom the system trusts." };
        Option<string> from = new("--from") { HelpName = "ADDRESS", Description = "The sender; <> for the null reverse-path.", Required = true };
        Option<string[]> to = new("--to") { HelpName = "ADDRESS", Description = "A recipient; may be repeated.", Required = true, Arity = ArgumentArity.OneOrMore };
        Option<TimeSpan?> wait = new("--wait") { HelpName = "TIME", Description = "How long to go on trying where nobody listens, because the server is only starting. Default: 5s.", CustomParser = ArgumentText.With(ArgumentText.Duration) };
        Argument<string?> file = new("FILE") { Description = "The message, header fields first; standard input where it is left out or -. Line ends become CRLF.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command(
            "send",
            """
            Hands a message to a server and prints its answer for each recipient; exit code 0 where all were accepted, 1 otherwise.

            Examples:
              slimtafast send --from me@example.org --to you@example.net message.eml
              echo "Subject: hello" | slimtafast send --server smtp://127.0.0.1:2525 --from me@example.org --to you@example.net
            """)
        {
            server, from, to, tls, authorities, wait, file,
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            parsed.GetValue(server) ?? new RelayAddress(RelayKind.Smtp, new HostPort("127.0.0.1", 2525)),
            ReadTls(parsed.GetValue(tls), parsed.GetValue(authorities)),
            AddressText.Parse(parsed.GetValue(from)!),
            [.. parsed.GetValue(to)!.Select(t => AddressText.Parse(t))],
            parsed.GetValue(file),
            parsed.GetValue(wait) ?? UsualWait,
            parsed.InvocationConfiguration.Output,
            cancellationToken));
        return command;
    }

    private static RelayAddress ParseServer(string text) =>
        RelayAddress.Parse(text) is { Kind: RelayKind.Smtp, Connections: null } server ? server : throw new FormatException($"'{text}' is not smtp://HOST:PORT or smtps://HOST:PORT");

    private static bool IsUnanswered(DeliveryReport report) => report.Outcomes.All(static outcome => outcome.Reply.Status == NoAnswerFromHost);

    private static SmtpClientTls ReadTls(SmtpTlsPolicy policy, string? authorities)
    {
        try
        {
            return new SmtpClientTls { Policy = policy, Authorities = authorities is null ? null : TlsAuthorities.Read(authorities) };
        }
        catch (TlsCertificateException wrong)
        {
            throw new UsageException($"--tls-authorities: {wrong.Message}", wrong);
        }
    }

    private static async Task<int> RunAsync(RelayAddress server, SmtpClientTls tls, Mailbox from, Mailbox[] to, string? file, TimeSpan wait, TextWriter output, CancellationToken cancellationToken)
    {
        using var interrupt = new Interrupt(cancellationToken);
        QueueId id = new QueueIdGenerator(TimeProvider.System).Next();
        MessageContent content;
        await using (Stream input = file is null or "-" ? Console.OpenStandardInput() : File.OpenRead(file))
            content = await MessageFile.ReadAsync(input, id, interrupt.Token);
        var envelope = new Envelope
        {
            Id = id,
            ReversePath = from,
            Recipients = [.. to.Select(t => new Recipient(t))],
            Content = content,
            ReceivedAt = TimeProvider.System.GetUtcNow(),
            Client = new ClientFacts(),
            Body = content.Traits.HasFlag(ContentTraits.EightBit) ? BodyType.EightBitMime : BodyType.Unspecified,
            SmtpUtf8 = from.NeedsUtf8 || to.Any(t => t.NeedsUtf8),
        };
        await using ITransport transport = Transports.Create(new TransportOptions { Reactors = 1 }, TimeProvider.System);
        var options = new SmtpRelayOptions { Client = new SmtpClientOptions { HelloName = Environment.MachineName, Tls = tls with { Implicit = server.ImplicitTls } } };
        await using var relay = new StaticSmtpRelay(transport, server.Server!.Host, server.Server.Port, options);
        try
        {
            DeliveryReport report;
            long begun = TimeProvider.System.GetTimestamp();
            while (IsUnanswered(report = await relay.AttemptAsync(envelope, new DeliveryAttempt(1, envelope.Recipients), interrupt.Token)) && TimeProvider.System.GetElapsedTime(begun) < wait)
                await Task.Delay(Pause, interrupt.Token);
            for (int i = 0; i < to.Length; i++)
                await output.WriteLineAsync($"{to[i]}: {report.Outcomes[i].Reply}");
            return report.Outcomes.All(o => o.Kind == OutcomeKind.Delivered) ? 0 : 1;
        }
        finally
        {
            content.Release();
        }
    }
}
