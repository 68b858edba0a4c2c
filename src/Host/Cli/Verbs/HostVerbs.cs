using System.CommandLine;
using VioActors.Contracts.Adaptation;
using VioActors.Contracts.Api;

namespace VioActors.Daemon.Cli;

/// <summary><c>vio host</c>: the machines of the site.</summary>
internal static class HostVerbs
{
    /// <summary>Builds the verbs.</summary>
    public static Command Create(CliHost host) => CommonOptions.Group(
        "host", "The machines of the site.", List(host), Show(host), Fenced(host), Clear(host),
        Drain(host, "drain", "Empties a host: adaptation moves its nodes away, and nothing new comes.", closed: true),
        Drain(host, "open", "Lets adaptation bring nodes to a host again.", closed: false), Token(host),
        ReachVerb.Create(host));

    private static Command List(CliHost host) => CliSession.Action(
        new Command("ls", "Lists hosts with what they have and what is booked."), host, async session =>
        {
            session.Out.Result(await session.Api.HostsAsync(session.Cancel), hosts => Tables.Hosts(hosts));
            return ExitCode.Done;
        });

    private static Command Show(CliHost host)
    {
        var name = Name(host);
        return CliSession.Action(new Command("show", "Shows one host.") { name }, host, async session =>
        {
            var view = await session.Api.HostAsync(session.Parse.GetRequiredValue(name), session.Cancel);
            session.Out.Result(view, Facts);
            return ExitCode.Done;
        });
    }

    private static Command Fenced(CliHost host)
    {
        var machine = Name(host);
        var yes = new Option<bool>("--yes") { Description = "Confirms that the machine is off and stays off." };
        return CliSession.Action(
            new Command("fenced", "States that a host is off, so that its nodes may start elsewhere.")
            {
                machine, yes,
            }, host,
            async session =>
            {
                var name = session.Parse.GetRequiredValue(machine);
                if (!session.Parse.GetValue(yes))
                    throw new UsageException(
                        $"Declaring '{name}' fenced while it still runs would let a node run twice.",
                        $"Switch the machine off, then say: vio host fenced {name} --yes");
                var answer = await session.Api.FenceAsync(name, session.Cancel);
                session.Out.Result(
                    answer, fenced =>
                        $"{name} counts as off; {fenced.Nodes} of its nodes are lost there and may start elsewhere.");
                return ExitCode.Done;
            });
    }

    private static Command Clear(CliHost host)
    {
        var machine = Name(host);
        var node = new Argument<string>("node") { Description = "Id of the node, as 'vio host show' prints it." };
        var yes = new Option<bool>("--yes") { Description = "Confirms that machine and disk may be removed." };
        return CliSession.Action(
            new Command("clear", "Removes a machine, with its disk, from a host where it does not belong: one that an "
                + "adopted store does not know.") { machine, node, yes },
            host, async session =>
            {
                var (name, id) = (session.Parse.GetRequiredValue(machine), session.Parse.GetRequiredValue(node));
                if (!session.Parse.GetValue(yes))
                    throw new UsageException(
                        $"This removes {id} from {name} with its disk; nothing brings it back.",
                        $"Save what is needed, then say: vio host clear {name} {id} --yes");
                await session.Api.ClearAsync(name, id, session.Cancel);
                session.Out.Result(new { host = name, node = id }, _ => $"{id} is being removed from {name}.");
                return ExitCode.Done;
            });
    }

    private static Command Drain(CliHost host, string verb, string what, bool closed)
    {
        var machine = Name(host);
        return CliSession.Action(new Command(verb, what) { machine }, host, async session =>
        {
            var name = session.Parse.GetRequiredValue(machine);
            var view = await session.Api.Adapt.DrainAsync(name, closed, session.Cancel);
            session.Out.Result(view, shown => (closed, shown.Mode, shown.Paused) switch
            {
                (false, _, _) => $"{name} takes nodes again.",
                (true, AdaptMode.Automatic, false) => $"{name} is being emptied; see 'vio adapt status'.",
                _ => $"{name} is to be emptied: see 'vio adapt plan', then 'vio adapt apply'.",
            });
            return ExitCode.Done;
        });
    }

    private static Command Token(CliHost host)
    {
        var name = Name(host);
        var minutes = new Option<int>("--minutes")
        {
            Description = "How long it can be used, 1 to 15.",
            DefaultValueFactory = _ => 10,
        };
        minutes.InRange(1, 15);
        return CliSession.Action(
            new Command("token", "Makes a token with which one host joins once: vio agent join --token-file FILE.")
            {
                name, minutes,
            }, host,
            async session =>
            {
                var answer = await session.Api.JoinTokenAsync(
                    session.Parse.GetRequiredValue(name), session.Parse.GetValue(minutes), session.Cancel);
                session.Out.Result(answer, token => token.Token);
                return ExitCode.Done;
            });
    }

    private static Argument<string> Name(CliHost host) => new("host")
    {
        Description = "Name or id of the host.",
        CompletionSources = { Completions.Hosts(host) },
    };

    private static Spectre.Console.Grid Facts(HostView host) => Tables.Facts(
        ("name", host.Name), ("id", host.Id.Value), ("status", host.Status), ("hypervisor", host.Facts?.Hypervisor),
        ("memory", host.Facts is { } f ? $"{host.BookedMemoryMiB} of {f.MemoryMiB} MiB booked" : null),
        ("cpu", host.Facts is { } g ? $"{host.BookedVcpus} booked, {g.Cores} cores" : null),
        ("disk", host.Facts is { } d ? $"{d.DiskMiB} MiB" : null), ("switch", host.Facts?.SwitchEndpoint),
        ("moves", host.Facts?.MoveEndpoint),
        ("machine types", host.Facts is { } m ? string.Join(", ", m.MachineTypes) : null),
        ("nodes", host.Nodes.Length == 0 ? "none" : string.Join(", ", host.Nodes.Select(node => node.Value))));
}
