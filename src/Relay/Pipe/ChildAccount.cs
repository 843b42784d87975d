namespace SlimtaFast.Relay.Pipe;

/// <summary>A user of this machine. Immutable.</summary>
/// <param name="Name">The login name.</param>
/// <param name="User">The user's id.</param>
/// <param name="Group">The id of the user's group.</param>
/// <param name="Home">The home folder.</param>
internal sealed record ChildAccount(string Name, uint User, uint Group, string Home);
