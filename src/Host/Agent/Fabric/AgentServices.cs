using System.Collections.Immutable;
using System.Net;
using System.Reflection;
using VioActors.Actors.Host.Agent;
using VioActors.Actors.Switch;
using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Daemon.Agent.Switching;
using VioActors.Daemon.Server.Restore;

namespace VioActors.Daemon.Agent.Fabric;

/// <summary>What every connection to a server needs of the agent.</summary>
internal sealed class AgentServices
{
    private TaskCompletionSource _serversChanged = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Who this host is.</summary>
    public required AgentIdentity Identity { get; init; }

    /// <summary>What it was told.</summary>
    public required AgentOptions Options { get; init; }

    /// <summary>How far the site's store was at most.</summary>
    public required MarkFile Mark { get; init; }

    /// <summary>Carries out commands.</summary>
    public required HostAgent Agent { get; init; }

    /// <summary>What runs machines.</summary>
    public required IHypervisor Hypervisor { get; init; }

    /// <summary>What carries frames.</summary>
    public required IDataPlane DataPlane { get; init; }

    /// <summary>Requests by id.</summary>
    public required RequestDesk Desk { get; init; }

    /// <summary>Questions that change nothing.</summary>
    public required AgentQueries Queries { get; init; }

    /// <summary>Connections to servers.</summary>
    public required FabricHttp Http { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Clock { get; init; }

    /// <summary>For the operator.</summary>
    public required ILogger Log { get; init; }

    /// <summary>Ends when the list of servers changes.</summary>
    public Task ServersChanged => Volatile.Read(ref _serversChanged).Task;

    /// <summary>This build, as said in hellos.</summary>
    public static string Build { get; } =
        typeof(AgentServices).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
        ?? "0";

    /// <summary>The first frame of a connection, with everything this host knows.</summary>
    public async Task<AgentHello> HelloAsync(CancellationToken cancel)
    {
        var facts = await Hypervisor.FactsAsync(cancel);
        return new AgentHello
        {
            Versions = VersionRange.Ours,
            Build = Build,
            Capabilities = Capability.OfAgent,
            Now = Clock.GetUtcNow(),
            Nodes = await Agent.InventoryAsync(cancel),
            Facts = new HostFacts
            {
                Name = Options.Name,
                MemoryMiB = Options.MemoryMiB,
                Cores = Options.Cores,
                DiskMiB = Options.DiskMiB,
                Hypervisor = facts.Hypervisor,
                MachineTypes = [.. facts.MachineTypes],
                CpuModels = [.. facts.CpuModels],
                SwitchEndpoint = SwitchEndpoints.Of(Options).Text,
                MoveEndpoint = Options.MoveListen,
            },
        };
    }

    /// <summary>Notes the servers that one of them named.</summary>
    public void Learn(ImmutableArray<string> servers)
    {
        var good = servers.IsDefaultOrEmpty
            ? []
            : servers.Where(IsAddress).Distinct().Take(ServerLinks.MaxServers).ToArray();
        if (good.Length == 0 || good.SequenceEqual(Identity.Servers)) return;
        Identity.Learn(good);
        Interlocked.Exchange(ref _serversChanged, new(TaskCreationOptions.RunContinuationsAsynchronously))
            .TrySetResult();
    }

    /// <summary>Applies the switch's wanted state; what was not applied.</summary>
    public async Task<Failure?> ApplySwitchAsync(SwitchRequest request, CancellationToken cancel)
    {
        var failure = await ApplyAsync(request.Wanted, cancel);
        Log.SwitchAsked(request.Wanted.Version, request.By ?? "-", failure?.Code ?? "done");
        return failure;
    }

    private async Task<Failure?> ApplyAsync(SwitchWanted wanted, CancellationToken cancel)
    {
        try
        {
            await DataPlane.ApplyAsync(wanted, cancel);
            return null;
        }
        catch (DataPlaneException failed)
        {
            Log.SwitchTrouble(failed.Failure.Reason);
            return failed.Failure;
        }
        catch (OperationCanceledException)
        {
            return new Failure("switch-busy", "The agent stopped waiting for its switch.", "Send the state again.");
        }
    }

    private static bool IsAddress(string text) =>
        Uri.TryCreate($"https://{text}/", UriKind.Absolute, out var uri) && uri.Authority == text
        || IPEndPoint.TryParse(text, out _);
}
