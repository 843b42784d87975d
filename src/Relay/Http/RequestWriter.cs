using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using SlimtaFast.Mail;
using SlimtaFast.Protocol.Client;
using SlimtaFast.Protocol.Http;

namespace SlimtaFast.Relay.Http;

/// <summary>Makes the requests: python-slimta's header fields, and ours for all that an envelope holds besides. Thread-safe.</summary>
internal sealed class RequestWriter(Uri url, HttpRelayOptions options, TimeProvider time)
{
    /// <summary>A request for a group of the recipients.</summary>
    public HttpRequestMessage Make(Envelope envelope, IReadOnlyList<Recipient> recipients, RecipientGroup group, MessageBody body, bool expectsContinue, AuthenticationHeaderValue? authorization)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, url)
        {
            Version = HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = body,
        };
        HttpRequestHeaders headers = request.Headers;
        headers.Authorization = authorization;
        headers.ExpectContinue = expectsContinue ? true : null;
        headers.ConnectionClose = options.IdleTimeout <= TimeSpan.Zero ? true : null;
        Add(headers, HttpHeaderNames.Hello, options.HelloName);
        Add(headers, HttpHeaderNames.Sender, Encode(envelope.ReversePath));
        bool needsUtf8 = envelope.SmtpUtf8 || envelope.ReversePath.NeedsUtf8;
        for (int i = 0; i < group.Count; i++)
        {
            Recipient recipient = recipients[group.Start + i];
            Add(headers, HttpHeaderNames.Recipient, Encode(recipient.Address));
            needsUtf8 |= recipient.Address.NeedsUtf8;
            string parameters = ClientCommandWriter.FormatRecipientParameters(recipient);
            if (parameters.Length > 0)
                Add(headers, HttpHeaderNames.RecipientParameters, string.Create(CultureInfo.InvariantCulture, $"{i} {parameters}"));
        }

        string mail = ClientCommandWriter.FormatMailParameters(envelope, needsUtf8, time);
        if (mail.Length > 0)
            Add(headers, HttpHeaderNames.MailParameters, mail);
        Add(headers, HttpHeaderNames.Partial, "yes");
        Add(headers, HttpHeaderNames.QueueId, envelope.Id.ToString());
        return request;
    }

    /// <summary>What goes into Authorization, or null for nothing.</summary>
    public async ValueTask<AuthenticationHeaderValue?> AuthorizeAsync(CancellationToken cancellationToken)
    {
        if (options.Credentials is not { } credentials)
            return null;
        if (url.Scheme != Uri.UriSchemeHttps && !credentials.AllowPlaintext)
            throw new HopUnreachableException(new SmtpReply(451, "4.7.0", "The credentials are not shown over http: without TLS"), HopCondition.Down, null);
        string secret;
        try
        {
            secret = await credentials.GetSecretAsync(cancellationToken);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HopUnreachableException(SmtpReply.FromForeignText(451, new EnhancedStatus(4, 7, 0), $"The credentials cannot be had: {failure.Message}"), HopCondition.Down, failure);
        }

        return credentials.IsToken
            ? new AuthenticationHeaderValue("Bearer", secret)
            : new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credentials.UserName}:{secret}")));
    }

    private static string Encode(Mailbox mailbox) => Convert.ToBase64String(Encoding.UTF8.GetBytes(mailbox.Address));

    private static void Add(HttpRequestHeaders headers, string name, string value) => headers.TryAddWithoutValidation(name, value);
}
