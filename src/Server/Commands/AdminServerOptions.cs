using System.CommandLine;
using SlimtaFast.Server.Administration;
using SlimtaFast.Server.Configuration;

namespace SlimtaFast.Server.Commands;

/// <summary>The options by which a command finds the running server.</summary>
internal sealed class AdminServerOptions
{
    private const string Usual = "http://127.0.0.1:2580";

    private readonly Option<string> _admin = new("--admin") { HelpName = "URL", Description = $"The server's admin listener (Admin:Listen). Default: {Usual}.", DefaultValueFactory = static _ => Usual };
    private readonly Option<string?> _tokenFile = new("--token-file") { HelpName = "FILE", Description = "A file that holds the listener's token (Admin:TokenFile)." };

    /// <summary>Adds them to a command.</summary>
    public AdminServerOptions(Command command)
    {
        command.Add(_admin);
        command.Add(_tokenFile);
    }

    /// <summary>Makes ready to ask.</summary>
    public async Task<AdminApi> OpenAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        string address = parsed.GetValue(_admin)!;
        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? server) || (server.Scheme != Uri.UriSchemeHttp && server.Scheme != Uri.UriSchemeHttps))
            throw new UsageException($"--admin: '{TerminalText.Escape(address)}' is not http://ADDR:PORT or https://ADDR:PORT");
        string? file = parsed.GetValue(_tokenFile);
        try
        {
            return new AdminApi(server, file is null ? null : await SecretFile.ReadAsync(file, cancellationToken));
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException or FormatException)
        {
            throw new UsageException($"--token-file: {wrong.Message}", wrong);
        }
    }
}
