"""The files that a private SLURM is configured by, all in one folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

CLUSTER = """\
ClusterName=frism
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
AuthType=auth/munge
# a requeued job waits until its credential has expired, two minutes by default
AuthInfo=socket={root}/munge.socket,cred_expire=5
CredType=cred/munge
SlurmUser=root
SlurmdUser=root
StateSaveLocation={root}/state
SlurmdSpoolDir={root}/spool-%n
SlurmctldPidFile={root}/slurmctld.pid
SlurmdPidFile={root}/slurmd-%n.pid
SlurmctldLogFile={root}/slurmctld.log
SlurmdLogFile={root}/slurmd-%n.log
MailProg=/bin/true
SwitchType=switch/none
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc={root}/jobs.txt
ReturnToService=2
SlurmdParameters=config_overrides
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SchedulerParameters=batch_sched_delay=0,sched_interval=2,sched_min_interval=0,bf_interval=2
MinJobAge=600
KillWait=2
OverTimeLimit=0
InactiveLimit=0
Waittime=0
CompleteWait=0
GresTypes=gpu
"""
NODE = (
    "NodeName={name} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs={cpus}"
    " RealMemory={memory}{gres}\n"
)
PARTITION = "PartitionName={name} Nodes={nodes} Default={default} State=UP DefMemPerCPU=400\n"
CGROUP = """\
CgroupPlugin=cgroup/v1
CgroupAutomount=no
ConstrainCores=no
ConstrainRAMSpace=no
"""
# a GPU without a device file is dropped; any file will do where nobody computes on it
DEVICES = ("/dev/null", "/dev/zero")


@dataclass(frozen=True)
class Node:
    """A machine of the cluster, which need not be there.

    Attributes:
        name: Its name.
        partition: The partition that it belongs to.
        gpus: How many GPUs it pretends to have, two at most.
        cpus: How many CPUs it pretends to have.
        memory: How much memory it pretends to have, in MB.
    """

    name: str
    partition: str
    gpus: int = 0
    cpus: int = 4
    memory: int = 8000


NODES = (Node("first", "cpu"), Node("second", "cpu"), Node("third", "gpu", gpus=2))
GPU_TYPE = "fake"


def write_configuration(root: Path, host: str, ports: Sequence[int], nodes: Sequence[Node]) -> Path:
    """Writes slurm.conf, gres.conf and cgroup.conf; returns the path of slurm.conf.

    Args:
        root: Folder of everything that the cluster writes.
        host: Name of this machine.
        ports: Free ports, of the controller and of each node.
        nodes: The machines.
    """
    lines = [CLUSTER.format(host=host, port=ports[0], root=root)]
    lines += [_node(node, host, port) for node, port in zip(nodes, ports[1:], strict=True)]
    partitions = dict.fromkeys(node.partition for node in nodes)
    lines += [_partition(name, nodes, default=not i) for i, name in enumerate(partitions)]
    (root / "slurm.conf").write_text("".join(lines))
    (root / "cgroup.conf").write_text(CGROUP)
    (root / "gres.conf").write_text("".join(["AutoDetect=off\n", *map(_gpus, nodes)]))
    return root / "slurm.conf"


def _node(node: Node, host: str, port: int) -> str:
    gres = f" Gres=gpu:{GPU_TYPE}:{node.gpus}" if node.gpus else ""
    return NODE.format(
        name=node.name, host=host, port=port, cpus=node.cpus, memory=node.memory, gres=gres
    )


def _partition(name: str, nodes: Sequence[Node], default: bool) -> str:
    members = ",".join(node.name for node in nodes if node.partition == name)
    return PARTITION.format(name=name, nodes=members, default="YES" if default else "NO")


def _gpus(node: Node) -> str:
    return "".join(
        f"NodeName={node.name} Name=gpu Type={GPU_TYPE} File={device}\n"
        for device in DEVICES[: node.gpus]
    )
