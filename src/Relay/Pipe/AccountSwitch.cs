using System.Globalization;

namespace SlimtaFast.Relay.Pipe;

/// <summary>
/// The program and arguments in front of a command that make it run as another user or group: util-linux's setpriv, which gives up all
/// rights of ours and then executes the command in its own place. Immutable.
/// </summary>
internal sealed class AccountSwitch
{
    private const string Folders = "/usr/bin:/bin:/usr/sbin:/sbin";

    private AccountSwitch(string program, string[] arguments)
    {
        Program = program;
        Arguments = arguments;
    }

    /// <summary>Where setpriv is.</summary>
    public string Program { get; }

    /// <summary>What stands in front of the command.</summary>
    public IReadOnlyList<string> Arguments { get; }

    /// <summary>The switch to a user or a group, null where neither is given; with the user's account.</summary>
    /// <exception cref="ArgumentException">There is no such user or group, or we may not switch.</exception>
    public static AccountSwitch? To(string? user, string? group, out ChildAccount? account)
    {
        account = null;
        if (user is null && group is null)
            return null;
        if (user is not null)
            account = Libc.FindUser(user) ?? throw new ArgumentException($"there is no user '{user}'; name one of this machine", nameof(user));
        uint? groupId = account?.Group;
        if (group is not null)
            groupId = Libc.FindGroup(group) ?? throw new ArgumentException($"there is no group '{group}'; name one of this machine", nameof(group));
        if (Libc.GetUser() != 0)
            throw new ArgumentException("only root can run a program as another user or group; leave user and group away", nameof(user));
        string program = ProgramFile.Find("setpriv", Folders)
            ?? throw new ArgumentException("to run a program as another user or group, setpriv of util-linux is needed", nameof(user));
        List<string> arguments = ["setpriv"];
        if (account is not null)
            arguments.AddRange(["--reuid", account.User.ToString(CultureInfo.InvariantCulture)]);
        arguments.AddRange(["--regid", groupId!.Value.ToString(CultureInfo.InvariantCulture)]);
        arguments.Add(account is not null ? "--init-groups" : "--clear-groups");
        return new AccountSwitch(program, [.. arguments]);
    }
}
