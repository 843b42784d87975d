using SlimtaFast.Edge;

namespace SlimtaFast.Server.Configuration;

/// <summary>What section <c>Auth</c> asks for. Immutable.</summary>
internal sealed record AuthSettings
{
    /// <summary>The users file, or null.</summary>
    public string? UsersFile { get; init; }

    /// <summary>The database with the users in place of a file, or null.</summary>
    public LookupAddress? UsersLookup { get; init; }

    /// <summary>Which JSON web tokens are good, or null.</summary>
    public JwtValidatorOptions? Jwt { get; init; }

    /// <summary>Who is asked about tokens, or null.</summary>
    public IntrospectionOptions? Introspection { get; init; }

    /// <summary>All the rest; without store and validator, which are made of the above.</summary>
    public EdgeAuthOptions Options { get; init; } = new();

    /// <summary>True where anybody can authenticate.</summary>
    public bool IsEnabled => UsersFile is not null || UsersLookup is not null || Jwt is not null || Introspection is not null;
}
