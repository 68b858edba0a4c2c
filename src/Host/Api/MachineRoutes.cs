using VioActors.Contracts.Api;
using VioActors.Contracts.Environments;
using VioActors.Daemon.Server;

namespace VioActors.Daemon.Api;

/// <summary>Hosts' own machines in an environment: connect, list, renew, disconnect.</summary>
internal static class MachineRoutes
{
    /// <summary>Adds the routes.</summary>
    public static void Map(RouteGroupBuilder api)
    {
        api.MapPost("/environments/{env}/machines", ConnectAsync).WithMetadata(Access.HostOperators)
            .WithSummary("Give a host's own machine an interface in an environment").Produces<MachineView>();
        api.MapGet("/environments/{env}/machines", ListAsync).WithMetadata(Access.Readers)
            .WithSummary("Machines that are connected to an environment").Produces<IReadOnlyList<MachineView>>();
        // Every renewal counts when it comes, so no answer is kept for a repetition.
        api.MapPut("/environments/{env}/machines/{name}/lease", RenewAsync)
            .WithMetadata(Access.HostOperators, ForgetsAnswers.Mark)
            .WithSummary("Say that a connected machine is still there").Produces<MachineView>();
        api.MapDelete("/environments/{env}/machines/{name}", DisconnectAsync).WithMetadata(Access.HostOperators)
            .WithSummary("Take a machine out of an environment").Produces<MachineView>();
    }

    private static async Task<IResult> ConnectAsync(
        string env, MachineBody body, HttpContext context, SiteActors actors, Lookup lookup,
        int? leaseSeconds = null)
    {
        var state = await lookup.EnvironmentAsync(env, context.Caller(), context.RequestAborted);
        var host = await lookup.HostAsync(body.Host, context.RequestAborted);
        return TypedResults.Ok(View(await actors.AskAsync<MachineConnection>(
            SiteActors.Key(state.Id), new ConnectMachine(host.Host, body.Name ?? host.Name, leaseSeconds),
            context.Caller(), context.IdempotencyKey(), context.RequestAborted), state.Subnet, host.Name));
    }

    private static async Task<IResult> ListAsync(string env, HttpContext context, SiteActors actors, Lookup lookup)
    {
        var state = await lookup.EnvironmentAsync(env, context.Caller(), context.RequestAborted);
        var members = (await actors.SiteAsync(context.RequestAborted)).Members;
        return TypedResults.Ok(state.Machines.Values.Select(machine => View(
            machine, state.Subnet,
            members.GetValueOrDefault(machine.Host)?.Name ?? machine.Host.Value)).ToArray());
    }

    private static async Task<IResult> RenewAsync(
        string env, string name, LeaseBody body, HttpContext context, SiteActors actors, Lookup lookup)
    {
        var state = await lookup.EnvironmentAsync(env, context.Caller(), context.RequestAborted);
        var machine = await actors.AskAsync<MachineConnection>(
            SiteActors.Key(state.Id), new RenewMachine(name, body.Node), context.Caller(),
            cancel: context.RequestAborted);
        return TypedResults.Ok(View(machine, state.Subnet, machine.Host.Value));
    }

    private static async Task<IResult> DisconnectAsync(
        string env, string name, HttpContext context, SiteActors actors, Lookup lookup)
    {
        var state = await lookup.EnvironmentAsync(env, context.Caller(), context.RequestAborted);
        var gone = await actors.AskAsync<MachineConnection>(
            SiteActors.Key(state.Id), new DisconnectMachine(name), context.Caller(), context.IdempotencyKey(),
            context.RequestAborted);
        return TypedResults.Ok(View(gone, state.Subnet, gone.Host.Value));
    }

    private static MachineView View(MachineConnection machine, string subnet, string host) => new(
        machine.Name, host, machine.Node.InterfaceName('s'), machine.Mac,
        machine.Ip + subnet[subnet.IndexOf('/', StringComparison.Ordinal)..], machine.Node, machine.LeaseSeconds);
}
