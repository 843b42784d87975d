using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using SlimtaFast.Mail;
using SlimtaFast.Protocol.Replies;
using SlimtaFast.Protocol.Sasl;
using SlimtaFast.Protocol.Transport;

namespace SlimtaFast.Protocol.Client;

/// <summary>
/// Authenticates a client session (RFC 4954): picks the strongest mechanism that the server offers and the connection allows, and runs its
/// exchange. A refusal is a reply; a server that breaks the protocol ends the session with <see cref="SmtpClientException"/>.
/// </summary>
internal sealed class ClientAuthentication
{
    private const int MostRounds = 10;
    private const int Challenge = 334;
    private const int NonceLength = 18;

    private static readonly EnhancedStatus TemporaryFailure = new(4, 7, 0);

    private readonly Connection _connection;
    private readonly ReplyReader _reader;
    private readonly SmtpCredentials _credentials;
    private readonly TimeSpan _timeout;

    /// <summary>Authenticates over a connection on which EHLO was answered.</summary>
    public ClientAuthentication(Connection connection, ReplyReader reader, SmtpCredentials credentials, TimeSpan timeout)
    {
        _connection = connection;
        _reader = reader;
        _credentials = credentials;
        _timeout = timeout;
    }

    /// <summary>The server's answer, or our own 454 where nothing could be tried.</summary>
    public async ValueTask<SmtpReply> RunAsync(SmtpExtensions extensions, CancellationToken cancellationToken)
    {
        string[] offered = extensions.Auth?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        string? name = Choose(offered);
        if (name is null)
            return Explain(offered);
        string secret;
        try
        {
            secret = await _credentials.GetSecretAsync(cancellationToken);
        }
        catch (Exception trouble) when (!cancellationToken.IsCancellationRequested && trouble is not SmtpClientException)
        {
            // Ours, not the network's: the session breaks off with its reason and is tried again later.
            return SmtpReply.FromForeignText(454, TemporaryFailure, $"The credentials for the next hop cannot be had: {trouble.Message}");
        }

        return await ExchangeAsync(Start(name, secret), cancellationToken);
    }

    private async ValueTask<SmtpReply> ExchangeAsync(SaslClient mechanism, CancellationToken cancellationToken)
    {
        byte[]? response = mechanism.Begin();
        byte[] command = [.. "AUTH "u8, .. Encoding.ASCII.GetBytes(mechanism.Name)];
        if (response is not null)
            command = [.. command, (byte)' ', .. response.Length == 0 ? "="u8 : StrictBase64.Encode(response)];
        await SendAsync(command, cancellationToken);
        for (int round = 0; round < MostRounds; round++)
        {
            SmtpReply reply = await _reader.ReadAsync(ReplyText.Always, cancellationToken);
            if (reply.Code != Challenge)
                return Accept(reply, mechanism);
            if (_reader.HasUnread)
                throw Odd("sent something behind its challenge");
            if (!StrictBase64.TryDecode(Encoding.UTF8.GetBytes(reply.Text), out byte[]? challenge))
                throw Odd("sent a challenge that is not base64");
            // Hashing for milliseconds is nothing for a thread that serves connections.
            response = mechanism.IsCostly ? await Task.Run(() => mechanism.Respond(challenge), cancellationToken) : mechanism.Respond(challenge);
            if (response is null)
                throw Odd($"sent a challenge that does not fit {mechanism.Name}, or does not know the password itself");
            await SendAsync(StrictBase64.Encode(response), cancellationToken);
            CryptographicOperations.ZeroMemory(response);
        }

        throw Odd("goes on challenging");
    }

    private static SmtpReply Accept(SmtpReply reply, SaslClient mechanism)
    {
        if (reply.Code >= 400)
            return reply;
        if (!reply.IsPositive || reply.Closes)
            throw Odd($"answered {reply.Code} to AUTH");
        return mechanism.IsSatisfied ? reply : throw Odd("says that all is well before it has proved itself");
    }

    private string? Choose(string[] offered)
    {
        bool isClear = _connection.Tls is null && !_credentials.AllowPlaintext;
        foreach (string name in SaslMechanisms.All)
        {
            bool fits = name switch
            {
                SaslMechanisms.ScramSha256Plus => !_credentials.IsToken && !_connection.ChannelBinding(SaslOffer.BindingName).IsEmpty,
                SaslMechanisms.ScramSha256 => !_credentials.IsToken,
                SaslMechanisms.OAuthBearer or SaslMechanisms.XOAuth2 => _credentials.IsToken && !isClear,
                SaslMechanisms.Plain or SaslMechanisms.Login => !_credentials.IsToken && !isClear,
                // Does not show the secret, so that it may go in clear like SCRAM; last, since MD5 protects a weak one from nobody.
                SaslMechanisms.CramMd5 => !_credentials.IsToken,
                _ => false,
            };
            if (fits && offered.Contains(name, StringComparer.OrdinalIgnoreCase))
                return name;
        }

        return null;
    }

    private SmtpReply Explain(string[] offered)
    {
        string why = offered.Length == 0
            ? "The next hop offers no AUTH"
            : _connection.Tls is null && !_credentials.AllowPlaintext
                ? $"The next hop offers AUTH {string.Join(' ', offered)}, which would show the secret without TLS"
                : $"The next hop offers only AUTH {string.Join(' ', offered)}";
        return SmtpReply.FromForeignText(454, TemporaryFailure, why);
    }

    private SaslClient Start(string name, string secret) => name switch
    {
        SaslMechanisms.Plain => new PlainClient(_credentials.UserName, secret),
        SaslMechanisms.Login => new LoginClient(_credentials.UserName, secret),
        SaslMechanisms.CramMd5 => new CramMd5Client(_credentials.UserName, secret),
        SaslMechanisms.OAuthBearer or SaslMechanisms.XOAuth2 => new BearerClient(name, _credentials.UserName, secret),
        _ => new ScramClient(
            _credentials.UserName,
            secret,
            Convert.ToBase64String(RandomNumberGenerator.GetBytes(NonceLength)),
            _connection.ChannelBinding(SaslOffer.BindingName),
            name == SaslMechanisms.ScramSha256Plus),
    };

    private async ValueTask SendAsync(byte[] line, CancellationToken cancellationToken)
    {
        _connection.Output.Write(line);
        _connection.Output.Write("\r\n"u8);
        _connection.SetDeadline(_timeout);
        await _connection.Output.FlushAsync(cancellationToken);
    }

    private static SmtpClientException Odd(string what) => new(SmtpClientFailure.ProtocolError, $"The server {what}.");
}
