using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SlimtaFast.Edge;
using SlimtaFast.Server.Configuration;

namespace SlimtaFast.Server.Hosting;

/// <summary>Makes credential store and token validator out of the settings.</summary>
internal static class AuthComposition
{
    /// <summary>How the edge's clients authenticate, or null where they cannot.</summary>
    public static EdgeAuthOptions? Make(AuthSettings settings, IServiceProvider services)
    {
        if (!settings.IsEnabled)
            return null;
        var time = services.GetRequiredService<TimeProvider>();
        return settings.Options with
        {
            Store = settings switch
            {
                { UsersFile: { } file } => UsersFileStore.Open(file, time, services.GetRequiredService<ILogger<UsersFileStore>>()),
                { UsersLookup: { } database } => new LookupCredentialStore(services.GetRequiredService<LookupSources>().Open(database)),
                _ => null,
            },
            Tokens = settings switch
            {
                { Jwt: { } jwt } => new JwtValidator(jwt, null, time, services.GetRequiredService<ILogger<JwtValidator>>()),
                { Introspection: { } introspection } => new IntrospectionValidator(introspection, null, time),
                _ => null,
            },
        };
    }
}
