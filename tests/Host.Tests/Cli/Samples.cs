using VioActors.Contracts;
using VioActors.Contracts.Agents;
using VioActors.Contracts.Api;
using VioActors.Contracts.Environments;

namespace VioActors.Daemon.Tests.Cli;

internal static class Samples
{
    public static readonly EnvironmentId Astro = EnvironmentId.From("s0011223344556677.aaaabbbbccccdddd");
    public static readonly OperationId Work = OperationId.From("op-0123456789abcdef");

    public static NodeView Node(string name) => new()
    {
        Id = NodeId.Of(new Guid("11111111-2222-3333-4444-555555555555")),
        Name = name,
        Environment = "astro",
        Power = NodePower.Ready,
        HostName = "h1",
        Ip = "10.10.0.11",
        Mac = "52:54:00:00:00:0b",
        Image = "tiny",
        MemoryMiB = 96,
        MaxMemoryMiB = 128,
        Vcpus = 1,
        CpuWeight = 100,
    };

    public static EnvironmentView Environment() => new()
    {
        Id = Astro,
        Name = "astro",
        Owner = "root",
        Status = "running",
        Subnet = "10.10.0.0/24",
        Nodes = [Node("n1")],
    };

    public static HostView Host(string name) => new()
    {
        Id = HostId.From("h-0123456789abcdef"),
        Name = name,
        Status = "connected",
    };

    public static OperationView Operation(OperationPhase phase, double progress = 0.5, Failure? failure = null) => new()
    {
        Id = Work,
        Kind = OperationKind.Move,
        Environment = Astro,
        Subject = "astro/n1",
        Phase = phase,
        Progress = progress,
        Step = "copying",
        By = "admin:root",
        StartedAt = DateTimeOffset.UnixEpoch,
        Failure = failure,
        EndedAt = phase == OperationPhase.Running ? null : DateTimeOffset.UnixEpoch.AddSeconds(2),
        Move = phase == OperationPhase.Done ? new MoveStatistics(41, 2000, 1 << 20, 0) : null,
    };
}
