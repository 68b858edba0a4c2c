using System.CommandLine;
using VioActors.Contracts;

namespace VioActors.Daemon.Cli;

/// <summary><c>vio user</c>: who may ask, and what.</summary>
internal static class UserVerbs
{
    /// <summary>Builds the verbs.</summary>
    public static Command Create(CliHost host) =>
        CommonOptions.Group("user", "Users and their roles.", List(host), Add(host), Remove(host));

    private static Command List(CliHost host) => CliSession.Action(
        new Command("ls", "Lists users."), host, async session =>
        {
            var users = await session.Api.Users.ListAsync(session.Cancel);
            session.Out.Result(
                users, all => Tables.Of(all, ("USER", user => user.Name), ("ROLE", user => Tables.Word(user.Role))));
            return ExitCode.Done;
        });

    private static Command Add(CliHost host)
    {
        var name = Name(host);
        var role = new Option<string>("--role")
        {
            Description = "viewer sees, owner has environments, operator works on hosts and nodes, admin does all.",
            DefaultValueFactory = _ => "owner",
        };
        role.AcceptOnlyFromAmong("viewer", "owner", "operator", "admin");
        return CliSession.Action(
            new Command("add", "Adds a user, or gives it a new role and token. The token is shown once.")
            {
                name, role,
            }, host,
            async session =>
            {
                var wanted = Enum.Parse<Role>(session.Parse.GetRequiredValue(role), ignoreCase: true);
                var user = await session.Api.Users.PutAsync(
                    session.Parse.GetRequiredValue(name), wanted, session.Cancel);
                session.Out.Note($"{user.Name} is {Tables.Word(user.Role)}; its token is shown only now.");
                session.Out.Result(user, made => made.Token ?? "");
                return ExitCode.Done;
            });
    }

    private static Command Remove(CliHost host)
    {
        var name = Name(host);
        var command = new Command("rm", "Removes a user; what it owns stays.") { name };
        return CliSession.Action(command, host, async session =>
        {
            var removed = session.Parse.GetRequiredValue(name);
            await session.Api.Users.RemoveAsync(removed, session.Cancel);
            session.Out.Result(new { removed }, _ => $"{removed} is no longer a user.");
            return ExitCode.Done;
        });
    }

    private static Argument<string> Name(CliHost host) => new("user")
    {
        Description = "Name of the user.",
        CompletionSources = { Completions.Users(host) },
    };
}
